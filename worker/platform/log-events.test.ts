import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { isTest, sourceFiles } from '../../protocol/testing/source-files.ts';
import { LOG_EVENTS } from './log-events.ts';

const DOCUMENT = readFileSync('docs/operations.md', 'utf8');
const CALL = /\blog\.(?<level>info|warn|error)\(\s*(?<event>[^,)\s]+)/g;

const calls = sourceFiles('worker')
  .filter(({ file }) => !isTest(file) && file !== 'worker/platform/log.ts')
  .flatMap(({ file, text }) =>
    [...text.matchAll(CALL)].map(({ groups }) => ({ file, level: '', event: '', ...groups })),
  )
  // In a comment.
  .filter(({ file }) => !file.endsWith('log-events.ts'));

/** The levels of each event that is logged. */
const logged = new Map<string, Set<string>>();
for (const { event, level } of calls) {
  const name = event.replaceAll("'", '');
  logged.set(name, (logged.get(name) ?? new Set()).add(level));
}

it('every line of the log is a known event, by its name', () => {
  expect(calls.length).toBeGreaterThan(50);
  const known = new Set<string>(Object.keys(LOG_EVENTS));
  expect(calls.filter(({ event }) => !known.has(event.replaceAll("'", '')))).toEqual([]);
});

it('every known event is logged somewhere', () => {
  expect(Object.keys(LOG_EVENTS).filter((event) => !logged.has(event))).toEqual([]);
});

it('docs/operations.md lists each, with its level and its fields', () => {
  const rows = Object.entries(LOG_EVENTS).map(([event, { fields, says }]) => {
    const named = [...fields].map((field) => `\`${field}\``).join(' ');
    const levels = [...(logged.get(event) ?? [])].toSorted().join(', ');
    return `| \`${event}\` | ${levels} | ${named} | ${says} |`;
  });
  const listed = DOCUMENT.split('\n').filter((line) => /^\| `\w+\.\w+` \|/.test(line));
  expect(listed).toEqual(rows);
});
