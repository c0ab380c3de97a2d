import { describe, expect, it } from 'vitest';
import type { InboxItem } from '../../protocol/inbox.ts';
import type { Message } from '../../protocol/message.ts';
import { askedIn, decidedWords } from './decided.ts';

const TASK = '01JZZZZZZZZZZZZZZZZZZZ0001';
const OTHER = '01JZZZZZZZZZZZZZZZZZZZ0002';

const told = (at: number, about?: string): Message => ({
  id: `01JZZZZZZZZZZZZZZZZZZZ01${at}`,
  from: 'mainloop',
  text: 'It asks',
  at,
  seq: at,
  state: { is: 'done' },
  taskIds: [],
  ...(about !== undefined && { about }),
});

const question = (at: number, outcome: InboxItem['outcome'] = null): InboxItem => ({
  id: `01JZZZZZZZZZZZZZZZZZZZ02${at}`,
  taskId: TASK,
  title: 'Export',
  repository: 'acme/todo',
  at,
  outcome,
  kind: 'question',
  questionId: '01JZZZZZZZZZZZZZZZZZZZ0003',
  questions: [],
});
const chosen = (at: number, text = 'Answered: CSV; number, text') =>
  ({ by: 'person', text, at }) as const;

describe('what a message asked', () => {
  it('is the item that was opened before it was written', () => {
    const items = [question(10), question(30)];
    expect(askedIn([told(20, TASK)], 0, items)).toBe(items[0]);
    expect(askedIn([told(40, TASK)], 0, items)).toBe(items[1]);
  });

  it('is shown where it was asked, and not again where the task says something else', () => {
    const item = question(10, chosen(30));
    const talk = [told(20, TASK), told(25, TASK), told(40, TASK)];
    expect(talk.map((_, at) => askedIn(talk, at, [item]))).toEqual([item, null, null]);
  });

  it('is nothing for what the person was answered, for another task, and before anything was asked', () => {
    const talk = [told(20), told(21, OTHER), told(5, TASK)];
    expect(talk.map((_, at) => askedIn(talk, at, [question(10)]))).toEqual([null, null, null]);
  });
});

it.each([
  ['Answered: CSV; number, text', 'You chose CSV; number, text'],
  ['Answered in the conversation: CSV', 'You chose CSV'],
  ['Answered by @ana on GitHub: CSV', 'Answered by @ana on GitHub: CSV'],
  ['Cancelled', 'Cancelled'],
])('is said in words: %s', (text, words) => {
  expect(decidedWords(question(10, chosen(20, text)))).toBe(words);
});
