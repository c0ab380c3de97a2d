import { expect, it } from 'vitest';
import { PARTS, sourceFiles } from './testing/source-files.ts';

/** Read by programs that are not ours: the Worker's entry, and what tools are configured by. */
const ENTRIES = [
  'worker/index.ts',
  'worker/sandbox/testing/port-worker.ts',
  'web/vite.config.ts',
  'e2e/harness/older-shell.ts',
];

const EXPORT =
  /^export\s+(?:async\s+)?(?:abstract\s+)?(?<kind>const|let|function\*?|class|type|default)\s+(?<name>\w+)/gm;
/** Files of a demo repository stand in the offline model as texts. */
const TEXT = /`(?:\\.|[^`\\])*`/gs;

/** A type that its own file speaks of belongs to what the file exports, whether anyone names it or not. */
const isSpokenOf = (name: string, text: string) =>
  [...text.matchAll(new RegExp(`\\b${name}\\b`, 'g'))].length > 1;

it('nothing is exported that nobody imports', () => {
  const files = PARTS.flatMap(sourceFiles);
  const used = new Set<string>();
  for (const { imports } of files) {
    for (const { target, names } of imports) {
      for (const name of names) used.add(`${target} ${name}`);
    }
  }
  const dead = files
    .filter(({ file }) => !ENTRIES.includes(file) && !/\.test\.tsx?$/.test(file))
    .flatMap(({ file, text }) =>
      [...text.replace(TEXT, '``').matchAll(EXPORT)]
        .map(({ groups }) => ({ kind: groups?.kind ?? '', name: groups?.name ?? '' }))
        .filter(({ kind, name }) => !(kind === 'type' && isSpokenOf(name, text)))
        .map(({ kind, name }) => (kind === 'default' ? kind : name))
        .filter((name) => !used.has(`${file} ${name}`) && !used.has(`${file} *`))
        .map((name) => `${file}: ${name}`),
    );
  expect(dead).toEqual([]);
});
