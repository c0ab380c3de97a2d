import { secretForms } from './secret-forms.ts';
import { SHAPES } from './secret-shapes.ts';

/** Stands where a secret stood. */
export const REDACTED = '[secret]';

/** What stands before a secret counts so far: `\n` as JSON writes it. */
const BEFORE_CHARS = 2;
/** What may become a secret of a known shape is never longer. */
const OPEN_MAX_CHARS = 17_000;

/** From where to where a secret stands, in characters, and what it was known by, which holds that. */
type Place = { from: number; to: number; begin: number; end: number };

/** All places of a text in which one of the forms stands, also where they overlap. */
function placesOf(text: string, forms: readonly string[]): Place[] {
  return forms.flatMap((form) => {
    const places: Place[] = [];
    for (let at = text.indexOf(form); at !== -1; at = text.indexOf(form, at + 1)) {
      const to = at + form.length;
      places.push({ from: at, to, begin: at, end: to });
    }
    return places;
  });
}

/** Each beginning is looked at by itself, so that what comes before it never hides one. */
function shapesIn(text: string): Place[] {
  const places: Place[] = [];
  for (const { whole, isOne } of SHAPES) {
    whole.lastIndex = 0;
    for (let match = whole.exec(text); match !== null; match = whole.exec(text)) {
      const { 0: all, 1: secret = '', index: begin, indices } = match;
      const [from, to] = indices?.[1] ?? [begin, begin];
      if (isOne(secret)) places.push({ from, to, begin, end: begin + all.length });
      whole.lastIndex = begin + 1;
    }
  }
  return places;
}

/** The same places in order, those that overlap as one. */
function merged(places: readonly Place[]): Place[] {
  const all: Place[] = [];
  for (const place of places.toSorted((one, other) => one.from - other.from)) {
    const last = all.at(-1);
    if (last === undefined || place.from >= last.to) {
      all.push({ ...place });
      continue;
    }
    last.to = Math.max(last.to, place.to);
    last.begin = Math.min(last.begin, place.begin);
    last.end = Math.max(last.end, place.end);
  }
  return all;
}

function without(text: string, places: readonly Place[]): string {
  let from = 0;
  let made = '';
  for (const place of places) {
    made += text.slice(from, place.from) + REDACTED;
    from = place.to;
  }
  return made + text.slice(from);
}

/** Where at the end of a text begins what could become one of the forms. */
function openForm(text: string, forms: readonly string[]): number {
  let open = text.length;
  for (const form of forms) {
    for (let at = Math.max(0, text.length - form.length + 1); at < open; at++) {
      if (text[at] === form[0] && form.startsWith(text.slice(at))) open = at;
    }
  }
  return open;
}

/**
 * Takes secrets out of what is shown, logged or sent elsewhere: the values that this process knows, in
 * every form of `secretForms`, and what has the shape of one (`secret-shapes.ts`). One for a process.
 */
export class Redactor {
  #values = new Set<string>();
  #forms: readonly string[] = [];

  /** Adds values that must never be shown from now on. Those of fewer than 6 characters are in anything. */
  know(secrets: readonly string[]): void {
    if (secrets.every((secret) => this.#values.has(secret))) return;
    for (const secret of secrets) this.#values.add(secret);
    this.#forms = secretForms([...this.#values]);
  }

  text(text: string): string {
    return without(text, this.places(text));
  }

  /**
   * A value of JSON with each of its texts without secrets.
   *
   * @param asTheyAre keys whose texts stay: names of ours, and ids that others go by.
   */
  within(value: unknown, asTheyAre: ReadonlySet<string> = new Set()): unknown {
    if (typeof value === 'string') return this.text(value);
    if (Array.isArray(value)) return value.map((one) => this.within(one, asTheyAre));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, one]) => [
        key,
        typeof one === 'string' && asTheyAre.has(key) ? one : this.within(one, asTheyAre),
      ]),
    );
  }

  /** Where secrets stand in a text, in order. */
  places(text: string): Place[] {
    return merged([...placesOf(text, this.#forms), ...shapesIn(text)]);
  }

  /** Where what may still become a secret begins, once more text has come; the text's length when nowhere. */
  openAt(text: string): number {
    const from = Math.max(0, text.length - OPEN_MAX_CHARS);
    const end = text.slice(from);
    const open = SHAPES.map((shape) => from + (shape.open.exec(end)?.index ?? end.length));
    return Math.min(openForm(text, this.#forms), ...open);
  }
}

/**
 * A text that comes in pieces, without its secrets though they are cut anywhere: what may become one
 * is held back until more has come. What is shown is what `Redactor.text` makes of the whole.
 */
export class RedactedStream {
  readonly #redactor: Redactor;
  /** The end of what was shown, which says whether a word begins here. */
  #before = '';
  #held = '';

  constructor(redactor: Redactor) {
    this.#redactor = redactor;
  }

  push(piece: string): string {
    return this.#take(piece, false);
  }

  /** What was held back, at the end. */
  end(): string {
    return this.#take('', true);
  }

  #take(piece: string, isLast: boolean): string {
    const text = this.#before + this.#held + piece;
    const first = this.#before.length;
    // One that was shown in part cannot be: whatever could become one was held.
    const places = this.#redactor.places(text).filter(({ begin }) => begin >= first);
    let end = isLast ? text.length : Math.max(first, this.#redactor.openAt(text));
    // What goes into what is held stays whole: it would not be known again without its beginning.
    for (const place of places.toReversed()) {
      if (place.begin < end && place.end > end) end = place.begin;
    }
    end = Math.max(first, end);
    const shown = without(
      text.slice(0, end),
      places.filter(({ to }) => to <= end),
    ).slice(first);
    this.#held = text.slice(end);
    this.#before = text.slice(Math.max(0, end - BEFORE_CHARS), end);
    return shown;
  }
}
