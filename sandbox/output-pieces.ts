/** How often what has come is shown. */
const EVERY_MS = 400;
const PIECE_MAX_CHARS = 8_000;
/** What of an output is shown as it comes; of what follows only the end. */
const SHOWN_MAX_CHARS = 120_000;
const TAIL_CHARS = 8_000;

/** Brings an output to whoever watches: in pieces, soon, and no more than anyone reads. */
export class OutputPieces {
  readonly #show: (text: string) => void;
  #waiting = '';
  #shown = 0;
  #leftOut = 0;
  #tail = '';
  #timer: NodeJS.Timeout | null = null;

  constructor(show: (text: string) => void) {
    this.#show = show;
  }

  add(text: string): void {
    if (text === '') return;
    this.#tail = (this.#tail + text).slice(-TAIL_CHARS);
    const room = Math.max(0, SHOWN_MAX_CHARS - this.#shown - this.#waiting.length);
    this.#waiting += text.slice(0, room);
    this.#leftOut += text.length - Math.min(room, text.length);
    if (this.#waiting.length >= PIECE_MAX_CHARS) this.#flush();
    else this.#timer ??= setTimeout(() => this.#flush(), EVERY_MS);
  }

  /** Shows what is left. @returns the end of the output. */
  end(): string {
    this.#flush();
    if (this.#leftOut > 0) {
      const between = Math.max(0, this.#leftOut - this.#tail.length);
      const words = between.toLocaleString('en-US');
      const mark = between === 0 ? '' : `\n[… ${words} characters are left out …]\n`;
      this.#show(mark + this.#tail.slice(-this.#leftOut));
    }
    return this.#tail;
  }

  #flush(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    for (let at = 0; at < this.#waiting.length;) {
      const piece = this.#waiting.slice(at, at + PIECE_MAX_CHARS);
      // Never half a character.
      const whole = piece.length > 1 ? piece.replace(/[\uD800-\uDBFF]$/, '') : piece;
      this.#show(whole);
      at += whole.length;
    }
    this.#shown += this.#waiting.length;
    this.#waiting = '';
  }
}
