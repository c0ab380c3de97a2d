import { expect, it } from 'vitest';
import { failureSentence, handoverFrom, handoverIn } from './handover.ts';

const block = (value: unknown) => `\`\`\`json\n${JSON.stringify(value)}\n\`\`\``;

it('reads the last fenced block that is a handover', () => {
  const handover = { summary: 'Did it.', title: 'Do it', body: 'Because.' };
  const text = `An example: ${block({ a: 1 })}\n\nDone.\n${block(handover)}\nand ${block({ b: 2 })}`;
  expect(handoverIn(text)).toEqual(handover);
  const tested = { ...handover, tested: 'Tests ran: 12 pass.' };
  expect(handoverIn(block(tested))).toEqual(tested);
});

it('makes do with the text when the block is missing or cut', () => {
  expect(handoverIn('I changed the list.')).toBeNull();
  expect(handoverFrom('I changed the list.', 'Task')).toEqual({
    summary: 'I changed the list.',
    title: 'Task',
    body: 'I changed the list.',
  });
  expect(handoverFrom('', 'Task').summary).toBe('Task');
});

it.each([
  ['API Error: 401 invalid x-api-key', /key/],
  ['API Error: 429 rate_limit_error', /rate limit/],
  ['API Error: 529 Overloaded', /overloaded/],
  ['API Error: 502 The model cannot be reached', /cannot be reached/],
  ['something else', /stopped with an error/],
])('says %j in one sentence', (detail, words) => {
  expect(failureSentence(detail)).toMatch(words);
});
