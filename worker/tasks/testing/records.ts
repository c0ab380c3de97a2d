import type { ReviewChecks } from '../../../protocol/inbox.ts';
import type { RunnerResult } from '../../../protocol/runner.ts';

import type { TaskSpec } from '../api.ts';
import type { Parking, TaskRecord, TaskState } from '../lifecycle/state.ts';

export const NOW = 1_000_000;
export const PULL_REQUEST = { number: 7, url: 'https://git.example/demo/tasks/pull/7' };

export const DELIVERED = {
  is: 'delivered',
  commit: 'c'.repeat(40),
  summary: 'Added the flag.',
  tested: 'Tests ran: 12 pass.',
  title: 'Add a --json flag',
  body: 'It prints the list as JSON.',
} as const satisfies RunnerResult;

/** A task that waits for an answer, with a sandbox or without. */
function waiting(sandbox: Parking) {
  return { is: 'waiting', what: { for: 'answers', questionId: 'q' }, sandbox } as const;
}

const BUDGET = { for: 'budget', scope: 'task' } as const;

/** One state of each kind. Every one that can be due is due at `NOW + 1_000`. */
export const STATES = {
  in_line: { is: 'queued', slot: 'waiting', deadline: NOW + 1_000 },
  queued: { is: 'queued', slot: 'granted', deadline: NOW + 1_000 },
  starting: { is: 'starting', ensured: false, deadline: NOW + 1_000 },
  working: { is: 'working', deadline: NOW + 1_000 },
  warm: waiting({ is: 'warm', parkAt: NOW + 1_000, silentAt: NOW + 2_000 }),
  leaving: waiting({ is: 'leaving', until: NOW + 1_000 }),
  parked: waiting({ is: 'gone' }),
  breaking: { is: 'waiting', what: BUDGET, sandbox: { is: 'leaving', until: NOW + 1_000 } },
  paused: { is: 'waiting', what: BUDGET, sandbox: { is: 'gone' } },
  for_plan: {
    is: 'waiting',
    what: { for: 'plan_limit', until: NOW + 1_000 },
    sandbox: { is: 'gone' },
  },
  delivering: {
    is: 'delivering',
    result: DELIVERED,
    tries: 0,
    notBefore: NOW,
    deadline: NOW + 1_000,
  },
  checking: {
    is: 'checking',
    since: NOW - 60_000,
    pollAt: NOW + 1_000,
    pollAfterMs: 1_500,
  },
  in_review: {
    is: 'in_review',
    checks: { is: 'none' },
    pollAt: NOW + 1_000,
    pollAfterMs: 15_000,
  },
  done: { is: 'done', pullRequest: PULL_REQUEST },
  failed: { is: 'failed', reason: 'It broke.' },
  cancelled: { is: 'cancelled', by: 'person' },
  closed: { is: 'cancelled', by: 'host' },
} satisfies Record<string, TaskState>;

/** A task at its second sandbox, in the given state. */
export function recordIn(state: TaskState, changed: Partial<TaskRecord> = {}): TaskRecord {
  return {
    state,
    mode: 'direct',
    initialMode: 'direct',
    fresh: false,
    attempt: 1,
    generation: 2,
    losses: 0,
    startedAt: NOW - 60_000,
    endedAt: null,
    pullRequest: PULL_REQUEST,
    delivered: {
      pullRequest: PULL_REQUEST,
      commit: DELIVERED.commit,
      summary: DELIVERED.summary,
      tested: DELIVERED.tested,
    },
    rounds: 0,
    ...changed,
  };
}

export function taskSpec(changed: Partial<TaskSpec> = {}): TaskSpec {
  return {
    personId: 'ada',
    taskId: '01JZZZZZZZZZZZZZZZZZZZ0001',
    title: 'Add a --json flag',
    prompt: 'Add a --json flag to the list command.',
    repository: 'demo/tasks',
    baseBranch: 'main',
    branch: 'mainloop/add-a-json-flag-000001',
    model: 'opus',
    mode: 'direct',
    budget: null,
    waitsForPlan: true,
    context: '',
    withIssue: false,
    ...changed,
  };
}

/** What the checks of a good commit say. */
export const PASSED: Extract<ReviewChecks, { is: 'passed' }> = {
  is: 'passed',
  count: 2,
  names: ['lint', 'test'],
};
