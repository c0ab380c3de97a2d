/** Characters of one class, as in a regular expression, so many of them. */
type Run = { of: string; min: number; max: number };
/** What a secret looks like, in order: letters as they are, and runs. */
type Part = string | Run;

/**
 * A kind of secret. `secret` names the part that is one (and all that follows up to `after`); all of
 * it where nothing is named. No shape is endless: what could be the beginning of one is held back.
 */
type Kind = {
  parts: readonly Part[];
  /** Which part is secret; what stands before it is shown. */
  secret?: number;
  /** How many parts at the end are shown. */
  after?: number;
  /** Characters that must not stand before, or after: it is part of something longer then. */
  notAfter?: string;
  notBefore?: string;
  /** Whether a text of this shape is one, or words and places for one. */
  isOne?: (text: string) => boolean;
};

/** A shape ready for use. */
export type Shape = {
  /** All of it; its group is the secret. Global, with indices. */
  whole: RegExp;
  /** What at the end of a text may become one. */
  open: RegExp;
  isOne: (text: string) => boolean;
};

const TOKEN_MAX = 2_000;
const KEY_MAX = 16_000;

const some = (of: string, min: number, max = TOKEN_MAX): Run => ({ of, min, max });
const exactly = (of: string, count: number): Run => ({ of, min: count, max: count });
/** These letters in either case. */
const anyCase = (letters: string): Run[] =>
  Array.from(letters, (letter) => exactly(`[${letter.toLowerCase()}${letter.toUpperCase()}]`, 1));

const IN_WORDS = '[A-Za-z0-9]';
const hasDigit = (text: string) => /\d/.test(text);
/** `${TOKEN}`, `$TOKEN`, `{token}`, `<token>`, `***`: where one belongs, not one. */
const isPlaceholder = (text: string) => /^(?:\$?\{.*|\$\w+|\*+|x+|%s|\[.*)$/i.test(text);
const isNoPlaceholder = (text: string) => !isPlaceholder(text);

/**
 * Known kinds, by what their makers say of them. A key that is only letters and digits (a commit, an
 * id, an integrity hash) is none: it is known by its value, or not at all.
 */
const KINDS: readonly Kind[] = [
  // https://docs.github.com/en/authentication/keeping-your-account-and-data-secure/about-authentication-to-github#githubs-token-formats
  { parts: ['gh', exactly('[pousr]', 1), '_', some('\\w', 16)] },
  { parts: ['github_pat_', some('\\w', 16)] },
  { parts: ['glpat-', some('[\\w-]', 16)] },
  { parts: ['sk-ant-', some('[\\w-]', 8)] },
  // OpenAI
  ...['proj', 'svcacct', 'admin'].map((of) => ({ parts: [`sk-${of}-`, some('[\\w-]', 16)] })),
  // Stripe
  { parts: [exactly('[rs]', 1), 'k_live_', some('\\w', 16)] },
  { parts: ['whsec_', some('[\\w/+=]', 16)] },
  // Google
  { parts: ['AIza', exactly('[\\w-]', 35)], notAfter: IN_WORDS, notBefore: IN_WORDS },
  // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids
  {
    parts: ['A', exactly('[KS]', 1), 'IA', exactly('[A-Z0-9]', 16)],
    notAfter: '[A-Za-z0-9+/]',
    notBefore: IN_WORDS,
  },
  {
    parts: [
      ...anyCase('secret'),
      some('_', 0, 1),
      ...anyCase('access'),
      some('_', 0, 1),
      ...anyCase('key'),
      some('[\\\\"\'\\s:=]', 1, 10),
      exactly('[\\w/+]', 40),
    ],
    secret: 18,
    notBefore: '[\\w/+=]',
  },
  // https://docs.slack.dev/authentication/tokens/
  { parts: ['xox', exactly('[a-z]', 1), some('[.\\w-]', 11)], isOne: hasDigit },
  { parts: ['xapp-', some('[\\w-]', 16)], isOne: hasDigit },
  { parts: ['hooks.slack.com/services/', some('[\\w/]', 16)], secret: 1 },
  // https://docs.npmjs.com/about-access-tokens, and the line of an .npmrc
  { parts: ['npm_', exactly(IN_WORDS, 36)], notAfter: IN_WORDS, notBefore: IN_WORDS },
  {
    parts: [
      '_authToken',
      some('[ "]', 0, 3),
      exactly('[:=]', 1),
      some('[ "]', 0, 3),
      some('[\\w.+/=-]', 8),
    ],
    secret: 4,
  },
  // A signed token: RFC 7519
  {
    parts: [
      'eyJ',
      some('[\\w-]', 8, 4_000),
      '.eyJ',
      some('[\\w-]', 8, 4_000),
      '.',
      some('[\\w-]', 16, 4_000),
    ],
  },
  // A task's own
  {
    parts: ['mlt.', some('[\\w-]', 8, 200), '.', some('\\d', 1, 10), '.', some('[\\w-]', 16, 200)],
  },
  // `Authorization`: RFC 6750, RFC 7617
  {
    parts: [...anyCase('bearer'), some('\\s', 1, 5), some('[\\w.~+/=-]', 8, 4_000)],
    secret: 7,
    isOne: hasDigit,
  },
  {
    parts: [...anyCase('basic'), some('\\s', 1, 5), some('[\\w+/=-]', 12, 4_000)],
    secret: 6,
    isOne: hasDigit,
  },
  // The password in an address, whatever its scheme: RFC 3986, 3.2.1
  {
    parts: ['://', some('[^\\s:@/"\'<>\\\\]', 0, 200), ':', some('[^\\s/"\'<>\\\\]', 1, 500), '@'],
    secret: 3,
    after: 1,
    isOne: isNoPlaceholder,
  },
  // And a token that stands there for a user
  {
    parts: ['://', some('[^\\s:@/"\'<>\\\\]', 20, 300), '@'],
    secret: 1,
    after: 1,
    isOne: (text) => hasDigit(text) && isNoPlaceholder(text),
  },
];

const literal = (text: string) => text.replaceAll(/[$()*+.?[\\\]^{|}]/g, '\\$&');
const runOf = ({ of, min, max }: Run) => `${of}{${min},${max}}`;

/** The source of an expression for the beginnings of these parts, up to all of them. */
function beginningOf(parts: readonly Part[]): string {
  return parts
    .flatMap((part): Part[] => (typeof part === 'string' ? [...part] : [part]))
    .reduceRight<string>((rest, part) => {
      const then = rest === '' ? '' : `(?:${rest})?`;
      if (typeof part === 'string') return literal(part) + then;
      // One that is not full yet ends the text; only a full one is followed by what comes next.
      const full = `${runOf(part)}${then}`;
      return part.min <= 1 ? full : `(?:${full}|${part.of}{1,${part.min - 1}})`;
    }, '');
}

function shapeOf({
  parts,
  secret = 0,
  after = 0,
  notAfter,
  notBefore,
  isOne = () => true,
}: Kind): Shape {
  const source = (which: readonly Part[]) =>
    which.map((part) => (typeof part === 'string' ? literal(part) : runOf(part))).join('');
  const end = parts.length - after;
  const body = `${source(parts.slice(0, secret))}(${source(parts.slice(secret, end))})${source(parts.slice(end))}`;
  // After an end of a line as JSON writes it, a word begins.
  const before = notAfter === undefined ? '' : `(?:(?<!${notAfter})|(?<=\\\\[nrt]))`;
  const behind = notBefore === undefined ? '' : `(?!${notBefore})`;
  return {
    whole: new RegExp(`${before}${body}${behind}`, 'dg'),
    open: new RegExp(`${before}${beginningOf(parts)}$`),
    isOne,
  };
}

const KEY_BEGINS: readonly Part[] = [
  '-----BEGIN ',
  some('[A-Z0-9 ]', 0, 30),
  'PRIVATE KEY',
  some('[ BLOCK]', 0, 6),
  '-----',
];
/** What stands in a block: base64, headers of older forms, ends of lines, also as JSON writes them. */
const IN_KEY = '[\\w+/=\\s\\\\:,.()-]';

/**
 * A private key from its first line to its last, and where that is missing (a text was cut) as far as
 * its lines go. The words `BEGIN PRIVATE KEY` alone are none. RFC 7468, RFC 4880 (6.2).
 */
const PRIVATE_KEY: Shape = (() => {
  const begins = '-----BEGIN [A-Z0-9 ]{0,30}PRIVATE KEY[ BLOCK]{0,6}-----';
  const ends = '-----END [A-Z0-9 ]{0,30}PRIVATE KEY[ BLOCK]{0,6}-----';
  const lines = '(?:[\\s\\\\]{0,6}[A-Za-z0-9+/=]{16,200}){1,200}';
  return {
    whole: new RegExp(`(${begins}(?:${IN_KEY}{40,${KEY_MAX}}?${ends}|${lines}))`, 'dg'),
    open: new RegExp(`${beginningOf([...KEY_BEGINS, some(IN_KEY, 0, KEY_MAX + 100)])}$`),
    isOne: () => true,
  };
})();

export const SHAPES: readonly Shape[] = [...KINDS.map(shapeOf), PRIVATE_KEY];
