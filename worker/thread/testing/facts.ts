import { type InboxItem, NOTHING_LEFT } from '../../../protocol/inbox.ts';
import type { MainloopMessage, Message } from '../../../protocol/message.ts';
import type { Repository } from '../../../protocol/repository.ts';
import type { TaskSummary } from '../../../protocol/task.ts';

/** A ULID of its own for every number below 32 to the fourth. */
export function idOf(number: number): string {
  const digits = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
  const places = [32_768, 1_024, 32, 1];
  const end = places.map((place) => digits[Math.floor(number / place) % 32]).join('');
  return `01JZZZZZZZZZZZZZZZZZZZ${end}`;
}

export function personMessage(seq: number, text: string): Message {
  return { id: idOf(seq), from: 'person', text, at: seq, seq };
}

export function replyMessage(seq: number, text: string): MainloopMessage {
  return {
    id: idOf(seq),
    from: 'mainloop',
    text,
    at: seq,
    seq,
    state: { is: 'done' },
    taskIds: [],
  };
}

export const REPOSITORY: Repository = {
  name: 'demo/tasks',
  defaultBranch: 'main',
  description: 'A small list on the command line',
  private: false,
};

export function summaryOf(changed: Partial<TaskSummary> = {}): TaskSummary {
  return {
    id: idOf(900_000),
    title: 'Add a --json flag',
    repository: REPOSITORY.name,
    branch: 'mainloop/add-a-json-flag-000000',
    baseBranch: 'main',
    model: 'opus',
    mode: 'direct',
    status: 'Queued',
    createdAt: 1,
    updatedAt: 1,
    startedAt: null,
    endedAt: null,
    pullRequest: null,
    note: null,
    usage: { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0, cost: 0 },
    attempt: 1,
    changes: null,
    queued: [],
    budget: null,
    resumesAt: null,
    issue: null,
    ...changed,
  };
}

/** A report that tells of nothing but the task's summary. */
/** A task that makes no call. */
export const NO_CALLS = { worst: 0, revision: 1, asks: null };
export const QUIET = { inbox: null, notice: null, slot: 'none', spent: null } as const;

/** What the item of a pull request shows that has nothing to show but itself. */
export const PLAIN_REVIEW = {
  kind: 'review',
  pullRequest: { number: 7, url: 'http://git.test/demo/tasks/pull/7' },
  summary: 'Added the flag.',
  tested: null,
  checks: { is: 'none' },
  leftOpen: NOTHING_LEFT,
} as const satisfies Partial<InboxItem>;
