import { describe, expect, it } from 'vitest';
import { REDACTED, Redactor } from '../protocol/redaction/redactor.ts';
import { OutputFilter } from './output-filter.ts';

const SECRET = 'pä$$-w0rd/+&x y!';
const OTHER = 'another-secret';
const base64 = (text: string) => Buffer.from(text).toString('base64');

function filterFor(secrets: string[]): OutputFilter {
  const redactor = new Redactor();
  redactor.know(secrets);
  return new OutputFilter(redactor);
}

/** What is shown of an output that comes in pieces of so many bytes. */
function shown(output: string, pieceBytes: number, secrets: string[] = [SECRET, OTHER]): string {
  const filter = filterFor(secrets);
  const bytes = Buffer.from(output);
  let text = '';
  for (let at = 0; at < bytes.byteLength; at += pieceBytes) {
    text += filter.push(bytes.subarray(at, at + pieceBytes));
  }
  return text + filter.end();
}

describe.each([1, 2, 3, 7, 1_000])('an output in pieces of %i bytes', (piece) => {
  it.each([
    ['as it is', SECRET],
    ['in base64', base64(SECRET)],
    ['in base64 for URLs', Buffer.from(SECRET).toString('base64url')],
    ['after a user’s name in base64', base64(`user:${SECRET}`)],
    ['between others in base64', base64(`xy${SECRET}\n`)],
    ['URL-encoded', encodeURIComponent(SECRET)],
    ['as a form', new URLSearchParams({ q: SECRET }).toString().slice(2)],
    [
      'in lower-case URL-encoding',
      encodeURIComponent(SECRET).replace(/%../g, (c) => c.toLowerCase()),
    ],
    ['in JSON', JSON.stringify(SECRET).slice(1, -1)],
    ['in hex', Buffer.from(SECRET).toString('hex')],
    ['with colours', `\u001B[31m${SECRET}\u001B[0m`],
    ['in a URL', `https://user:${encodeURIComponent(SECRET)}@host/`],
  ])('shows no secret %s', (_, form) => {
    const text = shown(`before ${form} after\n`, piece);
    expect(text).toContain(REDACTED);
    expect(text).not.toContain(SECRET);
    expect(text.replaceAll(REDACTED, '')).not.toContain(form);
    expect(text.startsWith('before ')).toBe(true);
    expect(text.endsWith(' after\n')).toBe(true);
  });

  it('shows all else, once and in order', () => {
    const words = 'pä$$ pä$$-w0r anothe another-secre\nßüé 日本 🎉\n';
    expect(shown(words, piece)).toBe(words);
  });

  it('shows text without colours, cursors and returns', () => {
    const output = '\u001B[1;32mok\u001B[0m\r\n10%\r20%\r\n\u001B]0;title\u0007done\u0008\0\n';
    expect(shown(output, piece)).toBe('ok\n10%\n20%\ndone\n');
  });

  it('shows no line of a key', () => {
    const key = `-----BEGIN KEY-----\n${'abcd1234'.repeat(6)}\n${'efgh5678'.repeat(6)}\n-----END KEY-----\n`;
    const text = shown(`got:\n${key}`, piece, [key]);
    expect(text.replaceAll(REDACTED, '').trim()).toBe('got:');
    const line = shown(`line ${'efgh5678'.repeat(6)}!`, piece, [key]);
    expect(line).toBe(`line ${REDACTED}!`);
  });
});

it('what cannot be the beginning of a secret is shown at once', () => {
  const filter = filterFor([SECRET]);
  expect(filter.push(Buffer.from('Install it'))).toBe('Install it');
  expect(filter.push(Buffer.from(' now p'))).toBe(' now ');
  expect(filter.push(Buffer.from('il'))).toBe('pil');
  expect(filter.push(Buffer.from('p'))).toBe('');
  expect(filter.push(Buffer.from('ä'))).toBe('');
  expect(filter.push(Buffer.from('.\n'))).toBe('pä.\n');
});
