import type { ChangesSummary } from '../../protocol/changes.ts';
import type { Usage } from '../../protocol/model.ts';
import type { PullRequest, QueuedMessage, TaskSummary } from '../../protocol/task.ts';
import type { TaskSpec } from './api.ts';
import { type TaskRecord, type Waiting, statusOf } from './lifecycle/state.ts';

/** The note that belongs to a state rather than to what the runner does. */
function noteFor(record: TaskRecord, note: string | null): string | null {
  const { state } = record;
  switch (state.is) {
    case 'queued':
    case 'cancelled':
      return null;
    case 'in_review':
      return record.delivered?.unchanged === true ? 'No changes since' : null;
    case 'done':
      // Whatever the worker claims: a change would be in a pull request.
      return state.pullRequest === null ? 'No changes' : null;
    case 'starting':
      if (state.noRoomSince !== undefined) return 'Waiting for a sandbox';
      return record.losses > 0 ? 'Starting again from its checkpoint' : 'Starting its sandbox';
    case 'working':
      return note;
    case 'waiting':
      return waitingNote(state.what, note);
    case 'delivering':
      return 'Looking for the pushed commit and opening the pull request';
    case 'checking':
      return 'Waiting for its checks';
    case 'failed':
      return state.reason;
  }
}

function waitingNote(what: Waiting, note: string | null): string | null {
  switch (what.for) {
    case 'answers':
    case 'approval':
      return note;
    case 'word':
      return 'Interrupted: say how to go on';
    case 'budget':
      return what.scope === 'task'
        ? 'Paused: its budget is spent. Its work is kept.'
        : 'Paused: the budget of the day is spent. Its work is kept.';
    case 'plan_limit':
      return 'Waits for the Claude plan’s limit to be reset. Its work is kept.';
  }
}

function resumesAt({ state }: TaskRecord): number | null {
  return state.is === 'waiting' && state.what.for === 'plan_limit' ? state.what.until : null;
}

/** The task as lists and cards show it. */
export function summaryOf(input: {
  spec: TaskSpec;
  createdAt: number;
  record: TaskRecord;
  note: string | null;
  usage: Usage;
  changes: ChangesSummary | null;
  queued: QueuedMessage[];
  budget: number | null;
  issue: PullRequest | null;
  now: number;
}): TaskSummary {
  const { spec, record } = input;
  return {
    id: spec.taskId,
    title: spec.title,
    repository: spec.repository,
    branch: spec.branch,
    baseBranch: spec.baseBranch,
    model: spec.model,
    mode: spec.mode,
    status: statusOf(record),
    createdAt: input.createdAt,
    updatedAt: input.now,
    startedAt: record.startedAt,
    endedAt: record.endedAt,
    pullRequest: record.pullRequest,
    note: noteFor(record, input.note),
    usage: input.usage,
    changes: input.changes,
    attempt: record.attempt,
    budget: input.budget,
    resumesAt: resumesAt(record),
    issue: input.issue,
    queued: input.queued,
  };
}
