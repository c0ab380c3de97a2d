import { expect, it } from 'vitest';
import { readCall } from '../wire/request.ts';
import { threadReply } from './thread.ts';

const pull_request = { number: 3, url: 'http://127.0.0.1:1/acme/todo/pull/3' };

function told(update: object, before = ''): string {
  const call = readCall({
    model: 'm',
    messages: [
      { role: 'user', content: 'Add a remove command' },
      { role: 'assistant', content: 'On it.' },
      { role: 'user', content: `${before}<task_update>${JSON.stringify(update)}</task_update>` },
    ],
  });
  if (call === null) throw new Error('not a request');
  const reply = threadReply(call);
  expect(reply.calls).toEqual([]);
  return reply.text;
}

it('says that a draft pull request is ready, with its link and the tests', () => {
  expect(
    told({
      task_id: 't1',
      title: 'Add --json to list',
      repository: 'acme/todo',
      status: 'In review',
      pull_request,
      summary: 'Tests ran: 17 pass.',
    }),
  ).toBe(
    'Done: a draft pull request is ready for review: [#3 Add --json to list](http://127.0.0.1:1/acme/todo/pull/3) in acme/todo. Tests ran: 17 pass.',
  );
});

it('says what failed, and that Retry is there', () => {
  const text = told({ title: 'Add dark mode', status: 'Failed', reason: 'The sandbox was lost' });
  expect(text).toContain('**Add dark mode** failed. The sandbox was lost.');
  expect(text).toContain('Retry');
});

it('says that a pull request was merged', () => {
  expect(told({ title: 'Add dark mode', event: 'merged', status: 'Done', pull_request })).toMatch(
    /^Merged: \[#3/,
  );
});

it('gives an answer that needed no pull request', () => {
  expect(told({ title: 'Why', status: 'Done', summary: 'Because.' })).toBe(
    '**Why** is done. Because.',
  );
});

it('makes no news of what it cannot read', () => {
  expect(told([])).toBe('Something changed in a task; its card says what.');
});

it('knows a notice also where it follows something that the person said', () => {
  const update = { title: 'Add dark mode', event: 'recovered', reason: 'The sandbox was lost' };
  expect(told(update, 'Hello?\n\n')).toBe(
    '**Add dark mode**: The sandbox was lost. It goes on from its last checkpoint by itself.',
  );
});

it('says that a pull request was closed', () => {
  expect(told({ title: 'Add dark mode', event: 'closed', status: 'Done', pull_request })).toContain(
    'was closed without merging',
  );
});
