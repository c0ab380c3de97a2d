import { expect, it } from 'vitest';
import { NOTHING_LEFT, InboxItem } from '../../../protocol/inbox.ts';
import { consequencesOf } from './consequences.ts';
import { reportOf } from './report.ts';
import type { TaskRecord, TaskState } from './state.ts';
import { type TaskTrigger, transition } from './transition.ts';
import {
  DELIVERED,
  NOW,
  PULL_REQUEST,
  STATES,
  recordIn,
  taskSpec,
  PASSED,
} from '../testing/records.ts';

const ITEM_ID = '01JZZZZZZZZZZZZZZZZZZZ0009';
const base = {
  id: ITEM_ID,
  taskId: taskSpec().taskId,
  title: taskSpec().title,
  repository: taskSpec().repository,
  at: NOW,
  outcome: null,
};

function report(record: TaskRecord, trigger: TaskTrigger, now = NOW) {
  const result = transition(record, trigger, now);
  if (result === null) throw new Error(`${trigger.on} did nothing.`);
  const { attempt } = result.record;
  const facts = { spec: taskSpec(), attempt, now, newId: () => ITEM_ID };
  return reportOf(record, result.record, consequencesOf(result.effects, facts));
}

it('a pull request is shown as soon as it is opened, before there are words about it', () => {
  const pullRequest = { number: 9, url: 'https://github.test/acme/todo/pull/9' };
  const opened = { on: 'pull_request_opened', pullRequest, commit: 'c' } as const;
  const delivering = recordIn(STATES.delivering, { delivered: null, pullRequest: null });
  expect(report(delivering, opened)).toEqual({ inbox: null, notice: null });
});

it('checks that pass open a review with the worker’s summary', () => {
  const { summary, tested } = DELIVERED;
  const checks = PASSED;
  const told = report(recordIn(STATES.checking), { on: 'checks_seen', seen: checks });
  const shown = { pullRequest: PULL_REQUEST, summary, tested, checks, leftOpen: NOTHING_LEFT };
  const item = { ...base, kind: 'review', ...shown };
  expect(told).toEqual({
    inbox: { is: 'open', item },
    notice: { is: 'review', pullRequest: PULL_REQUEST, summary, checks },
  });
  expect(InboxItem.parse(item)).toEqual(item);
});

it('a failure opens an item with its reason', () => {
  const reason = 'It broke.';
  const result = { is: 'failed', reason, detail: '' } as const;
  expect(report(recordIn(STATES.working), { on: 'result', generation: 2, result })).toEqual({
    inbox: { is: 'open', item: { ...base, kind: 'failure', reason } },
    notice: { is: 'failed', reason },
  });
});

it('an answer without a pull request is told and files nothing', () => {
  const result = { is: 'nothing_to_deliver', summary: 'It is there.' } as const;
  const working = recordIn(STATES.working, { delivered: null });
  expect(report(working, { on: 'result', generation: 2, result })).toEqual({
    inbox: null,
    notice: { is: 'answered', summary: 'It is there.' },
  });
});

it.each([
  { as: 'merged', text: 'Merged' },
  { as: 'closed', text: 'The pull request was closed' },
] as const)('a pull request that was $as settles what is open', ({ as, text }) => {
  expect(
    report(recordIn(STATES.in_review), { on: 'pull_request_seen', as, outcome: null }),
  ).toEqual({
    inbox: { is: 'settle', outcome: { by: 'task', text, at: NOW } },
    notice: { is: as, pullRequest: PULL_REQUEST },
  });
});

const SAID = { by: 'conversation', text: 'Said so', at: NOW } as const;

it('a merge that was asked for here is settled by who asked', () => {
  const trigger = { on: 'pull_request_seen', as: 'merged', outcome: SAID } as const;
  expect(report(recordIn(STATES.in_review), trigger)?.inbox).toEqual({
    is: 'settle',
    outcome: SAID,
  });
});

it.each<{ trigger: TaskTrigger; from: TaskState }>([
  { trigger: { on: 'cancel', outcome: SAID }, from: STATES.working },
  { trigger: { on: 'retry', from: 'checkpoint', outcome: SAID }, from: STATES.failed },
])(
  '$trigger.on settles what is open by who said so, and says nothing in the conversation',
  ({ trigger, from }) => {
    expect(report(recordIn(from), trigger)).toEqual({
      inbox: { is: 'settle', outcome: SAID },
      notice: null,
    });
  },
);

it('a question opens an item that holds it, and is told', () => {
  const questions = [{ question: 'Which?', header: 'Format', options: [], multiSelect: false }];
  const ask = { is: 'question', questionId: ITEM_ID, questions } as const;
  const trigger: TaskTrigger = {
    on: 'asked',
    generation: 2,
    what: { for: 'answers', questionId: ITEM_ID },
    ask: { ...ask, questions },
    warmMs: 1_000,
  };
  const item = { ...base, kind: 'question', questionId: ITEM_ID, questions };
  expect(report(recordIn(STATES.working), trigger)).toEqual({
    inbox: { is: 'open', item },
    notice: ask,
  });
  expect(InboxItem.parse(item)).toEqual(item);
});

it('a decision settles its item in the words of who decided', () => {
  const outcome = { by: 'conversation', text: 'Answered in the conversation: CSV', at: 3 } as const;
  expect(
    report(recordIn(STATES.warm), { on: 'prompt_received', approved: false, outcome }),
  ).toEqual({
    inbox: { is: 'settle', outcome },
    notice: null,
  });
});

it('a new status is told though nothing needs the person', () => {
  const nothing = { inbox: null, notice: null };
  expect(report(recordIn(STATES.queued), { on: 'start' })).toEqual(nothing);
});

it('a second sandbox in a row is told, because the task changes, and says nothing more', () => {
  const record = recordIn(STATES.starting, { losses: 1 });
  const nothing = { inbox: null, notice: null };
  expect(report(record, { on: 'sandbox_gone', generation: 2 })).toEqual(nothing);
});

it('what changes nothing that is shown is not told', () => {
  const unseen: [TaskRecord, TaskTrigger, number?][] = [
    [recordIn(STATES.working), { on: 'sign_of_life', generation: 2, progress: true }],
    [recordIn(STATES.starting), { on: 'ensured', generation: 2 }],
    [recordIn(STATES.in_review), { on: 'time' }, NOW + 1_000],
    [recordIn(STATES.queued), { on: 'time' }, NOW + 1_000],
    [recordIn(STATES.delivering), { on: 'delivery_failed', reason: '', retryAfterMs: 1 }],
  ];
  for (const [record, trigger, now] of unseen) expect(report(record, trigger, now)).toBeNull();
});
