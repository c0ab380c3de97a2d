import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { REDACTED, RedactedStream, Redactor } from './redactor.ts';
import { secretForms } from './secret-forms.ts';
import { KEY_BLOCK, SECRETS } from './testing/secrets.ts';

/** The text in pieces that end at these places, or in characters. */
function cutAt(text: string, places: readonly number[] | 'everywhere'): string[] {
  if (places === 'everywhere')
    return Array.from({ length: text.length }, (_, at) => text[at] ?? '');
  const ends = [...new Set(places.map((place) => place % (text.length + 1)))].toSorted(
    (one, other) => one - other,
  );
  return [...ends, text.length].map((end, at) => text.slice(at === 0 ? 0 : ends[at - 1], end));
}

function streamed(redactor: Redactor, pieces: readonly string[]): string {
  const stream = new RedactedStream(redactor);
  return [...pieces.map((piece) => stream.push(piece)), stream.end()].join('');
}

const CUTS = fc.oneof(fc.array(fc.nat(), { maxLength: 12 }), fc.constant('everywhere' as const));
/** What may stand around it: words, and pieces of what secrets are made of. */
const AROUND = fc
  .array(
    fc.constantFrom(
      'words ',
      'gh',
      'p_',
      'sk-',
      'ant-',
      'Bearer ',
      'basic ',
      '://',
      'a:',
      '@',
      'AKIA',
      '-----BEGIN ',
      'PRIVATE KEY-----',
      '\n',
      '"',
      '\\n',
      '日本',
      'eyJ',
      '.',
      'x'.repeat(50),
    ),
    { maxLength: 8 },
  )
  .map((parts) => parts.join(''));
/** Ends whatever came before. */
const END = fc.constantFrom('\n', '"', ' "', '\n\n');

it('a secret of a known shape, cut anywhere, never comes out, and all else does', () => {
  const redactor = new Redactor();
  fc.assert(
    fc.property(
      AROUND,
      END,
      fc.constantFrom(...Object.values(SECRETS)),
      END,
      AROUND,
      CUTS,
      (before, end, secret, start, after, cuts) => {
        const text = `${before}${end}${secret}${start}${after}`;
        const shown = streamed(redactor, cutAt(text, cuts));
        expect(shown).not.toContain(secret === KEY_BLOCK ? 'MIIEpAIBAA' : secret.slice(-12));
        expect(shown).toBe(redactor.text(text));
      },
    ),
    { numRuns: 1_000 },
  );
});

it('a secret that is known, in any of its forms and cut anywhere, never comes out', () => {
  const SECRET = fc.string({ unit: 'grapheme', minLength: 8, maxLength: 60 });
  fc.assert(
    fc.property(
      fc.array(SECRET, { minLength: 1, maxLength: 3 }),
      fc.nat(),
      AROUND,
      AROUND,
      CUTS,
      (secrets, which, before, after, cuts) => {
        const redactor = new Redactor();
        redactor.know(secrets);
        const forms = secretForms(secrets);
        const form = forms[which % forms.length] ?? '';
        const text = `${before}${form}${after}`;
        const shown = streamed(redactor, cutAt(text, cuts));
        expect(shown).toContain(REDACTED);
        for (const one of forms) expect(shown.split(REDACTED).join('\0')).not.toContain(one);
        expect(shown).toBe(redactor.text(text));
      },
    ),
    { numRuns: 500 },
  );
});

it('any text in any pieces is shown as it is shown whole', () => {
  const redactor = new Redactor();
  redactor.know(['aab', 'abababab', 'bababa-ababab']);
  const TEXT = fc.oneof(AROUND, fc.string({ unit: fc.constantFrom('a', 'b', '-', ':', '/', '@') }));
  fc.assert(
    fc.property(TEXT, TEXT, CUTS, (one, other, cuts) => {
      expect(streamed(redactor, cutAt(one + other, cuts))).toBe(redactor.text(one + other));
    }),
    { numRuns: 1_000 },
  );
});

it('what cannot become a secret is shown at once', () => {
  const stream = new RedactedStream(new Redactor());
  expect(stream.push('Installing 3 of 7 …')).toBe('Installing 3 of 7 …');
  expect(stream.push('token gh')).toBe('token ');
  expect(stream.push('ost\n')).toBe('ghost\n');
});

it('holds back no more than a secret can be long', () => {
  const stream = new RedactedStream(new Redactor());
  const shown = stream.push(`-----BEGIN PRIVATE KEY-----\n${'words that go on '.repeat(3_000)}`);
  expect(shown.length).toBeGreaterThan(30_000);
});
