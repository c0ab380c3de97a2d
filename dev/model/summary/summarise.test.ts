import { expect, it } from 'vitest';
import { summarise } from './summarise.ts';

const filler = (from: number, to: number) =>
  Array.from(
    { length: to - from },
    (_, index) => `person: This is message number ${from + index} about nothing much.`,
  );

it('keeps what was decided, and lets small talk go', () => {
  const text = [
    'person: Hi',
    'person: The codeword is heron.',
    'assistant: You are welcome.',
    'person: We decided to deploy on Tuesdays.',
  ];
  expect(summarise(text.join('\n'))).toBe(
    '- person: The codeword is heron.\n- person: We decided to deploy on Tuesdays.',
  );
});

it('stays within its bound and keeps the weighty lines over many rounds', () => {
  let summary = summarise(['person: The codeword is heron.', ...filler(0, 60)].join('\n'));
  for (let round = 1; round < 10; round += 1) {
    summary = summarise([summary, ...filler(round * 60, round * 60 + 60)].join('\n'));
    expect(summary.split(/\s+/).length).toBeLessThan(1_000);
  }
  expect(summary).toContain('The codeword is heron.');
});

it('repeats nothing, and cuts what is too long', () => {
  const summary = summarise(
    `The port is 8787.\nThe port is 8787.\nAlways ${'on and '.repeat(100)}on.`,
  );
  expect(summary.match(/8787/g)).toHaveLength(1);
  expect(summary).toContain('…');
});

it('leaves the frame of the request out', () => {
  expect(summarise('Previous summary:\n<messages>\n# Notes\nThe port is 8787.\n</messages>')).toBe(
    '- The port is 8787.',
  );
});
