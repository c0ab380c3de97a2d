import * as fc from 'fast-check';
import { ulid } from 'ulid';

/** What breaks programs, where a text stands. */
const ODD_TEXTS = [
  '',
  ' ',
  '\0',
  '\u{d800}',
  '\u{202e}x',
  '..',
  '../../etc/passwd',
  '%',
  '%00',
  '%ff',
  '__proto__',
  'constructor',
  "'; DROP TABLE messages; --",
  '{{7*7}}',
  '-u',
  'null',
  'NaN',
  '0x10',
  '1e999',
  '9'.repeat(400),
  'x'.repeat(20_000),
];
const text = fc.oneof(
  fc.constantFrom(...ODD_TEXTS),
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.string({ unit: 'grapheme', maxLength: 60 }),
);
const value = fc.oneof(
  text,
  fc.constantFrom<unknown>(null, true, 0, -1, -0, 0.5, 1e308, 2 ** 53, [], {}, [[[[]]]]),
  fc.jsonValue({ maxDepth: 3 }),
);

type Change = { at: number; how: 'replace' | 'drop' | 'add' | 'repeat' | 'deepen'; by: unknown };
const change: fc.Arbitrary<Change> = fc.record({
  at: fc.nat(1_000),
  how: fc.constantFrom('replace', 'drop', 'add', 'repeat', 'deepen'),
  by: value,
});

type Holder = Record<string, unknown>;
const isHolder = (one: unknown): one is Holder => typeof one === 'object' && one !== null;

/** Every place in it, as its holder and key. */
function places(holder: Holder): [Holder, string][] {
  return Object.keys(holder).flatMap((key): [Holder, string][] => {
    const inner = holder[key];
    return [[holder, key], ...(isHolder(inner) ? places(inner) : [])];
  });
}

/** Also under `__proto__`, as JSON may have it; a list's own length is no part of JSON. */
function put(holder: Holder, key: string, one: unknown): void {
  if (key === 'length') return;
  const open = { enumerable: true, configurable: true, writable: true };
  Object.defineProperty(holder, key, { ...open, value: one });
}

function deepened(by: unknown): unknown {
  let deep = by;
  for (let level = 0; level < 500; level++) deep = [deep];
  return deep;
}

/** A valid value with some of it replaced, dropped, added, repeated or put deep down. */
function mutated(valid: object, changes: readonly Change[]): unknown {
  const root: Holder = { value: structuredClone(valid) };
  for (const { at, how, by: given } of changes) {
    const by = structuredClone(given);
    const found = places(root);
    const [holder, key] = found[at % found.length] ?? [root, 'value'];
    const was = holder[key];
    if (how === 'replace') holder[key] = by;
    else if (how === 'drop') Reflect.deleteProperty(holder, key);
    else if (how === 'add') put(holder, typeof by === 'string' ? by.slice(0, 50) : 'more', by);
    else if (how === 'repeat') holder[key] = Array.from({ length: 10 }, () => structuredClone(was));
    else holder[key] = deepened(was);
  }
  return root.value;
}

/** Texts near a valid JSON value, and such that are none. */
export const nearJson = (valid: readonly object[]): fc.Arbitrary<string> =>
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc
        .tuple(fc.constantFrom(...valid), fc.array(change, { minLength: 1, maxLength: 3 }))
        .map(([one, changes]) => JSON.stringify(mutated(one, changes)) ?? ''),
    },
    {
      weight: 1,
      arbitrary: fc
        .tuple(fc.constantFrom(...valid), fc.nat(1_000))
        .map(([one, at]) => JSON.stringify(one).slice(0, at)),
    },
    { weight: 1, arbitrary: value.map((one) => JSON.stringify(one) ?? '') },
    { weight: 1, arbitrary: text },
  );

/** What may be done with a message of a queue, before its body is looked at. */
export const queued = (valid: readonly object[]): fc.Arbitrary<unknown> =>
  nearJson(valid).map((one) => {
    try {
      return JSON.parse(one) as unknown;
    } catch {
      return one;
    }
  });

export type Asked = {
  method: string;
  path: string;
  headers: [string, string][];
  body: string | Uint8Array | null;
};

const QUERIES = [
  'after',
  'around',
  'before',
  'days',
  'key',
  'limit',
  'lines',
  'q',
  'service',
  'task',
  'to',
];
const HEADERS = [
  'content-type',
  'content-length',
  'range',
  'upgrade',
  'if-none-match',
  'content-encoding',
  'x-name',
  'x-commit',
  'x-forwarded-host',
];
const METHODS = ['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'];

/** What a header may hold; whatever else does not come as far as a Worker. */
const headerText = text.map((one) => one.replaceAll(/[^\x20-\x7e]/g, '').slice(0, 200));

/** Requests to a route's path (`/api/tasks/:id`), rightly or wrongly filled in. */
export function requests(
  routes: readonly { method: string; path: string }[],
  known: { ids: readonly string[]; bodies: readonly object[] },
): fc.Arbitrary<Asked> {
  const segment = fc.oneof(
    fc.constantFrom(...known.ids),
    text.map((one) => encodeURIComponent(one.toWellFormed()).slice(0, 500)),
    fc.constantFrom('%', '%zz', '%2e%2e', '%00'),
  );
  const body = fc.oneof(
    { weight: 4, arbitrary: nearJson(known.bodies) },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 2_000 }) },
    { weight: 1, arbitrary: fc.constant(null) },
  );
  return fc
    .record({
      route: fc.constantFrom(...routes),
      segments: fc.array(segment, { minLength: 4, maxLength: 4 }),
      other: fc.option(fc.constantFrom(...METHODS), { freq: 4 }),
      query: fc.dictionary(
        fc.constantFrom(...QUERIES),
        fc.oneof(fc.constantFrom(...known.ids), text),
        {
          maxKeys: 3,
        },
      ),
      headers: fc.dictionary(fc.constantFrom(...HEADERS), headerText, { maxKeys: 2 }),
      body,
    })
    .map(({ route, segments, other, query, headers, body: given }) => {
      const filled = [...segments];
      const path = route.path
        .replaceAll(/\/:\w+(?:\{[^}]*\})?/g, () => `/${filled.pop() ?? ulid()}`)
        .replace('*', () => filled.pop() ?? '');
      const named = route.method === 'ALL' ? 'GET' : route.method;
      const method = other ?? named;
      const search = new URLSearchParams(
        Object.entries(query).map(([key, one]) => [key, one.toWellFormed()]),
      );
      return {
        method,
        path: search.size === 0 ? path : `${path}?${search}`,
        headers: Object.entries(headers),
        body: method === 'GET' || method === 'OPTIONS' ? null : given,
      };
    });
}
