import { expect, it } from 'vitest';
import type { TaskEvent } from '../../protocol/task-event.ts';
import { FEED_TEXT_MAX_CHARS } from '../../protocol/task-feed.ts';
import { excerptOf } from './excerpt.ts';
import { findIn } from './find.ts';

const step = (number: number, text: string): TaskEvent => ({
  number,
  at: number,
  body: { type: 'step', text },
});
const result = (output: string): TaskEvent => ({
  number: 1,
  at: 1,
  body: {
    type: 'tool_result',
    toolUseId: 'a',
    parent: null,
    isError: true,
    output,
    truncated: false,
  },
});
/** Three lines at a time, as storage gives them. */
const pagesOf = (events: TaskEvent[]) => (before: number) =>
  events.filter(({ number }) => number < before).slice(-3);

it('finds every line in which the text stands, whatever its case, the newest first', () => {
  const lines = ['Grüße aus A', 'nothing', 'say GRÜSSE, GRÜße', 'no', 'more grüße here'].map(
    (text, at) => step(at + 1, text),
  );
  const { hits, next } = findIn(pagesOf(lines), 'grüße', 100);
  expect(hits.map(({ number }) => number)).toEqual([5, 3, 1]);
  expect(next).toBeNull();
  expect(hits[0]?.text).toBe('more grüße here');
});

it('goes on where an answer was full', () => {
  const lines = Array.from({ length: 120 }, (_, at) => step(at + 1, 'x'));
  const first = findIn(pagesOf(lines), 'x', Number.MAX_SAFE_INTEGER);
  expect(first.hits).toHaveLength(50);
  const second = findIn(pagesOf(lines), 'x', first.next ?? 0);
  const third = findIn(pagesOf(lines), 'x', second.next ?? 0);
  const numbers = [first, second, third].flatMap(({ hits }) => hits.map((hit) => hit.number));
  expect(numbers).toEqual(lines.map(({ number }) => number).toReversed());
  expect(third.next).toBeNull();
});

it('looks through no more than it may at once, whether or not it finds anything', () => {
  const lines = Array.from({ length: 100 }, (_, at) => step(at + 1, 'y'.repeat(1_000_000)));
  const { hits, next } = findIn(pagesOf(lines), 'x', 1_000);
  expect(hits).toEqual([]);
  expect(next).toBe(93);
});

it('shows what stands around a place in the middle of a long text', () => {
  const [hit] = findIn(
    pagesOf([step(1, `${'a '.repeat(100)}needle${' b'.repeat(100)}`)]),
    'NEEDLE',
    9,
  ).hits;
  expect(hit?.text).toMatch(/^… .*needle.* …$/);
  expect(hit?.text.length).toBeLessThan(140);
});

it('a line comes whole, or as an excerpt that says so and has both ends of an output', () => {
  expect(excerptOf(step(1, 'short'))).toEqual({ ...step(1, 'short'), isExcerpt: false });
  expect(excerptOf(result('o'.repeat(FEED_TEXT_MAX_CHARS))).isExcerpt).toBe(false);
  const long = excerptOf(result(`begins ${'x'.repeat(50_000)} ends badly`));
  expect(long).toMatchObject({
    isExcerpt: true,
    body: { output: expect.stringMatching(/^begins.* ends badly$/s) },
  });
  expect(JSON.stringify(long).length).toBeLessThan(FEED_TEXT_MAX_CHARS + 200);
});
