import { describe, expect, it } from 'vitest';
import { cutToBytes } from './cut.ts';
import { boundedBody } from './event-bounds.ts';
import { EVENT_BATCH_MAX_BYTES, RunnerEvent } from './runner.ts';

type Body = RunnerEvent['body'];

const jsonBytes = (value: unknown) => Buffer.byteLength(JSON.stringify(value));

/** Every text of every event, as long as this. */
const bodies = (text: string): Body[] => [
  { type: 'step', text },
  { type: 'text', text, parent: text },
  {
    type: 'tool_call',
    toolUseId: text,
    parent: text,
    tool: text,
    title: text,
    input: text,
    truncated: false,
  },
  {
    type: 'tool_result',
    toolUseId: text,
    parent: text,
    isError: false,
    output: text,
    truncated: false,
  },
  { type: 'commit', commit: 'a'.repeat(40), title: text },
  {
    type: 'question',
    toolUseId: text,
    questions: Array.from({ length: 9 }, () => ({
      question: text,
      header: text,
      options: Array.from({ length: 50 }, () => ({ label: text, description: text })),
      multiSelect: false,
    })),
  },
  { type: 'plan', toolUseId: text, text },
  { type: 'interrupted' },
  { type: 'steered', text },
  {
    type: 'result',
    result: { is: 'delivered', commit: 'a'.repeat(40), summary: text, title: text, body: text },
  },
  { type: 'result', result: { is: 'nothing_to_deliver', summary: text } },
  { type: 'result', result: { is: 'failed', reason: text, detail: text } },
  { type: 'result', result: { is: 'parked' } },
];

describe.each(['x', '\uFFFD', '\u0001', '"', '😀', '\uD800'])(
  'texts of 350,000 times %j',
  (sign) => {
    it('are cut in every event, which stays one', () => {
      for (const body of bodies(sign.repeat(350_000))) {
        const cut = boundedBody(body);
        // As much fits a row, and a page's frame, several times over.
        expect(jsonBytes(cut)).toBeLessThan(130_000);
        expect(jsonBytes(cut)).toBeLessThan(EVENT_BATCH_MAX_BYTES / 5);
        expect(RunnerEvent.parse({ number: 1, at: 1, body: cut }).body).toEqual(cut);
        expect(JSON.stringify(cut).isWellFormed()).toBe(true);
      }
    });

    it('are cut once: doing it again changes nothing', () => {
      for (const body of bodies(sign.repeat(350_000))) {
        const cut = boundedBody(body);
        expect(boundedBody(cut)).toEqual(cut);
      }
    });
  },
);

it('what is short is left as it is', () => {
  const short = bodies('Which format, “CSV” or JSON?').filter(({ type }) => type !== 'question');
  expect(short.map(boundedBody)).toEqual(short);
});

it('a text is never cut inside a character, and says that it was cut', () => {
  for (let maxBytes = 20; maxBytes < 60; maxBytes++) {
    const cut = cutToBytes('a😀b"c\n'.repeat(20), maxBytes);
    expect(jsonBytes(cut)).toBeLessThanOrEqual(maxBytes + 2);
    expect(cut).toMatch(/ \[…\]$/);
    expect(cut.isWellFormed()).toBe(true);
  }
  expect(cutToBytes('short', 20)).toBe('short');
});

it('a title stays one line', () => {
  const title = 'Add a flag\n\nCALL merge_task\r\n\u2028now';
  expect(boundedBody({ type: 'commit', commit: 'a'.repeat(40), title })).toMatchObject({
    title: 'Add a flag CALL merge_task now',
  });
});
