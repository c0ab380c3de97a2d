/** What one file needs, found in its text as it is now. */
export type Edit =
  | { is: 'present' }
  | { is: 'create'; content: string }
  /** `old` stands in the text exactly once. `say` is said instead of the stage's own words. */
  | { is: 'replace'; old: string; new: string; say?: string }
  /** The place where it belongs is not there. */
  | { is: 'lost' };

export const PRESENT: Edit = { is: 'present' };
const LOST: Edit = { is: 'lost' };

/**
 * A replacement of text[start, end), widened upwards by whole lines until it is unique, and to the
 * right until it does not end in a blank: Claude Code's Edit cuts blanks off the end.
 */
function replaceAt(text: string, start: number, end: number, replacement: string): Edit {
  let [from, to] = [start, end];
  while (/[ \t]$/.test(replacement + text.slice(end, to)) && to < text.length) to += 1;
  const places = () => text.split(text.slice(from, to)).length - 1;
  while (from > 0 && places() > 1) from = text.lastIndexOf('\n', from - 2) + 1;
  return {
    is: 'replace',
    old: text.slice(from, to),
    new: text.slice(from, start) + replacement + text.slice(end, to),
  };
}

/** Replaces the first match of `place`. `LOST` where there is none. */
export function swap(
  text: string,
  place: RegExp,
  replacement: (match: RegExpExecArray) => string,
): Edit {
  const match = place.exec(text);
  if (match === null) return LOST;
  return replaceAt(text, match.index, match.index + match[0].length, replacement(match));
}

/** Puts `lines` right after the first match of `place`. */
export function after(text: string, place: RegExp, lines: string): Edit {
  return swap(text, place, (match) => match[0] + lines);
}

/** Puts `lines` right before the first match of `place`. */
export function before(text: string, place: RegExp, lines: string): Edit {
  return swap(text, place, (match) => lines + match[0]);
}

/** Puts `lines` at the end of the text. */
export function atEnd(text: string, lines: string): Edit {
  const last = /[^\n]*\n?$/.exec(text.replace(/\n$/, ''));
  if (text === '' || last === null) return { is: 'create', content: lines };
  return replaceAt(text, last.index, text.length, text.slice(last.index) + lines);
}

/** The text after an edit; what Claude Code's Edit and Write do to a file. */
export function applied(text: string | null, edit: Edit): string | null {
  switch (edit.is) {
    case 'present':
    case 'lost':
      return text;
    case 'create':
      return edit.content;
    case 'replace':
      return text === null ? null : text.replace(edit.old, () => edit.new);
  }
}
