import { inspect } from 'node:util';
import { Redactor } from '../protocol/redaction/redactor.ts';

/** This process's own: what leaves it for a log or a page goes through it. */
export const redactor = new Redactor();

/** Says in the sandbox's own log what went wrong. */
export function complain(error: unknown, what = ''): void {
  const text = typeof error === 'string' ? error : inspect(error);
  console.error(redactor.text([what, text].filter(Boolean).join(': ')));
}
