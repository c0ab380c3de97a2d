import { StringDecoder } from 'node:string_decoder';
import { stripVTControlCharacters } from 'node:util';
import { RedactedStream, type Redactor } from '../protocol/redaction/redactor.ts';

/** The beginning of an escape sequence at the end of what has come so far. */
// oxlint-disable-next-line no-control-regex -- escape sequences begin with one
const OPEN_ESCAPE = /\u001B(?:\[[0-9;?:]*|\][^\u0007\u001B]{0,500})?$/;
/** What is left of control characters that no text has. */
// oxlint-disable-next-line no-control-regex -- they are what is taken out
const CONTROL = /[\0-\u0008\u000B\u000C\u000E-\u001F\u007F]/g;

/**
 * A program's output on its way to people: text without escape sequences, with secrets taken out
 * though they come in pieces. What could be the beginning of one is held back until more has come.
 */
export class OutputFilter {
  readonly #shown: RedactedStream;
  readonly #decoder = new StringDecoder('utf8');
  #raw = '';

  constructor(redactor: Redactor) {
    this.#shown = new RedactedStream(redactor);
  }

  push(bytes: Buffer): string {
    return this.#take(this.#decoder.write(bytes), false);
  }

  /** What was held back, at the end. */
  end(): string {
    return this.#take(this.#decoder.end(), true);
  }

  #take(text: string, isLast: boolean): string {
    const all = this.#raw + text;
    const escape = isLast ? undefined : OPEN_ESCAPE.exec(all)?.index;
    // A line feed may follow: both are one end of a line.
    const ends = escape ?? (!isLast && all.endsWith('\r') ? all.length - 1 : all.length);
    this.#raw = all.slice(ends);
    const plain = stripVTControlCharacters(all.slice(0, ends))
      .replaceAll(/\r+\n/g, '\n')
      .replaceAll('\r', '\n')
      .replaceAll(CONTROL, '');
    return this.#shown.push(plain) + (isLast ? this.#shown.end() : '');
  }
}
