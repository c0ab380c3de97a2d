import { expect, it } from 'vitest';
import { consequencesOf } from './consequences.ts';
import type { TaskEffect } from './effect.ts';
import { taskSpec } from '../testing/records.ts';

const of = (effects: TaskEffect[], withIssue = false) =>
  consequencesOf(effects, {
    spec: taskSpec({ withIssue }),
    attempt: 3,
    now: 1,
    newId: () => 'id',
  });

it('a dispatch goes out for the attempt that is on, and has the webhooks watch', () => {
  expect(of([{ do: 'dispatch' }]).rows.map(({ effect }) => effect)).toEqual([
    { do: 'dispatch', attempt: 3 },
    { do: 'watch' },
  ]);
});

it('a sandbox that is stopped gets no mail that was for its turn', () => {
  const { rows, dropMail, mail } = of([
    { do: 'stop_sandbox', generation: 2 },
    { do: 'tell_worker', text: 'Go on.' },
  ]);
  expect(rows).toEqual([{ key: 'stop:2', effect: { do: 'stop_sandbox', generation: 2 } }]);
  expect(dropMail).toEqual(['park', 'interrupt']);
  expect(mail).toEqual([{ type: 'message', id: 'id', text: 'Go on.' }]);
});

it('a turn is broken off only after the sandbox was told to keep its work', () => {
  expect(of([{ do: 'break_off' }]).mail.map(({ type }) => type)).toEqual(['park', 'interrupt']);
});

it('what is asked stands in the inbox, and in the issue of a task that has one', () => {
  const asking: TaskEffect = {
    do: 'open_asking',
    ask: { is: 'question', questionId: 'q', questions: [] },
  };
  expect(of([asking]).rows).toEqual([]);
  const { inbox, rows } = of([asking], true);
  expect(inbox).toMatchObject({ is: 'open', item: { kind: 'question', questionId: 'q' } });
  expect(rows).toMatchObject([{ effect: { do: 'comment_issue', key: 'asked:q' } }]);
});

it('a note is a line of the activity, and a task that asks for its slot is told as it is', () => {
  expect(of([{ do: 'note', text: 'Waits.' }]).notes).toEqual(['Waits.']);
  expect(of([{ do: 'ask_slot' }]).asksSlot).toBe(true);
});
