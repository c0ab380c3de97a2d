import { PROGRESS_MS, type TaskRecord, WARM_MS } from '../lifecycle/state.ts';
import type { Asking } from '../lifecycle/effect.ts';
import { type TaskTrigger, transition } from '../lifecycle/transition.ts';
import { DELIVERED, NOW, PULL_REQUEST } from './records.ts';

const NOTHING = { is: 'nothing_to_deliver', summary: 'It is there already.' } as const;
export const BROKEN = { is: 'failed', reason: 'It broke.', detail: 'Error: it broke' } as const;

export const ASK: Asking = { is: 'question', questionId: 'q', questions: [] };
export const QUESTION = {
  what: { for: 'answers', questionId: 'q' },
  ask: ASK,
  warmMs: WARM_MS,
} as const;

/** The records of the table are in generation 2 and attempt 1; all their times are over at `DUE`. */
const DUE = NOW + 1_000;
export const RAISED = { by: 'person', text: 'Budget raised', at: NOW } as const;
export const SAID = { by: 'conversation', text: 'Said so', at: NOW } as const;
export const SPENT = { scope: 'task', limit: 5, used: 5.1 } as const;
export const OPENED = {
  on: 'pull_request_opened',
  pullRequest: PULL_REQUEST,
  commit: DELIVERED.commit,
} as const satisfies TaskTrigger;
/** The triggers of the table by its words. */
export const TRIGGERS: Record<string, { trigger: TaskTrigger; now?: number }> = {
  'slot granted': { trigger: { on: 'slot_granted', attempt: 1 } },
  'slot granted, older': { trigger: { on: 'slot_granted', attempt: 0 } },
  start: { trigger: { on: 'start' } },
  ensured: { trigger: { on: 'ensured', generation: 2 } },
  'ensured, older': { trigger: { on: 'ensured', generation: 1 } },
  'no room': { trigger: { on: 'no_room', generation: 2 } },
  'no room, older': { trigger: { on: 'no_room', generation: 1 } },
  'sign of life': { trigger: { on: 'sign_of_life', generation: 2, progress: false } },
  'sign of life, still': {
    trigger: { on: 'sign_of_life', generation: 2, progress: false },
    now: NOW + PROGRESS_MS,
  },
  'sign of life, older': { trigger: { on: 'sign_of_life', generation: 1, progress: true } },
  asked: { trigger: { on: 'asked', generation: 2, ...QUESTION } },
  'asked, older': { trigger: { on: 'asked', generation: 1, ...QUESTION } },
  told: { trigger: { on: 'prompt_received', approved: false, outcome: null } },
  parked: { trigger: { on: 'result', generation: 2, result: { is: 'parked' } } },
  delivered: { trigger: { on: 'result', generation: 2, result: DELIVERED } },
  'delivered, older': { trigger: { on: 'result', generation: 1, result: DELIVERED } },
  'nothing to deliver': { trigger: { on: 'result', generation: 2, result: NOTHING } },
  'runner failed': { trigger: { on: 'result', generation: 2, result: BROKEN } },
  'opened PR': { trigger: OPENED },
  'PR moved': { trigger: { on: 'head_moved', commit: 'd'.repeat(40) } },
  'not delivered, again': {
    trigger: { on: 'delivery_failed', reason: 'GitHub is away.', retryAfterMs: 1_000 },
  },
  'not delivered, final': {
    trigger: { on: 'delivery_failed', reason: 'GitHub refuses.', retryAfterMs: null },
  },
  'sandbox gone': { trigger: { on: 'sandbox_gone', generation: 2 } },
  'sandbox gone, older': { trigger: { on: 'sandbox_gone', generation: 1 } },
  'dispatch failed': { trigger: { on: 'dispatch_failed', attempt: 1, reason: 'No Workflow.' } },
  'dispatch failed, older': { trigger: { on: 'dispatch_failed', attempt: 0, reason: 'No.' } },
  'host silent': { trigger: { on: 'poll_failed', why: 'GitHub is away.', retryAfterMs: 0 } },
  'no checks': { trigger: { on: 'checks_seen', seen: { is: 'none' } } },
  'checks pending': { trigger: { on: 'checks_seen', seen: { is: 'pending' } } },
  'checks passed': {
    trigger: { on: 'checks_seen', seen: { is: 'passed', count: 2, names: ['test'] } },
  },
  'checks failed': { trigger: { on: 'checks_failed', names: ['test'], text: 'Mend it.' } },
  conflict: { trigger: { on: 'conflict', text: 'Merge main.' } },
  'left open': {
    trigger: {
      on: 'left_open',
      leftOpen: { conflicts: true, comments: { count: 1, by: ['eve'] } },
    },
  },
  mend: { trigger: { on: 'mend', text: 'Fix it.', outcome: SAID } },
  'PR open': { trigger: { on: 'pull_request_seen', as: 'open', outcome: null } },
  'PR merged': { trigger: { on: 'pull_request_seen', as: 'merged', outcome: null } },
  'PR closed': { trigger: { on: 'pull_request_seen', as: 'closed', outcome: null } },
  'time, early': { trigger: { on: 'time' }, now: DUE - 1 },
  'time, due': { trigger: { on: 'time' }, now: DUE },
  'money spent': {
    trigger: { on: 'pause', what: { for: 'budget', scope: 'task' }, budget: SPENT },
  },
  'plan’s limit': {
    trigger: { on: 'pause', what: { for: 'plan_limit', until: DUE + 1 }, budget: null },
  },
  'more money': { trigger: { on: 'go_on', scope: 'task', outcome: RAISED } },
  'more for the day': { trigger: { on: 'go_on', scope: 'day', outcome: RAISED } },
  cancel: { trigger: { on: 'cancel', outcome: SAID } },
  retry: { trigger: { on: 'retry', from: 'checkpoint', outcome: SAID } },
};

/** The record after a trigger that must be of consequence. */
export function after(record: TaskRecord, trigger: TaskTrigger, now = NOW) {
  const result = transition(record, trigger, now);
  if (result === null) throw new Error(`${trigger.on} did nothing to ${record.state.is}.`);
  return result;
}

/** The record once the main thread has granted it a slot. */
export function granted(record: TaskRecord): TaskRecord {
  return after(record, { on: 'slot_granted', attempt: record.attempt }).record;
}
