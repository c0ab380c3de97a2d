import type { Usage } from '../../protocol/model.ts';
import type { QueuedMessage, TaskLine } from '../../protocol/task.ts';
import type { TaskSpec } from './contract.ts';
import { type TaskRecord, statusOf } from './record.ts';

/** The note that belongs to a state rather than to what the runner does. */
function noteFor(record: TaskRecord, note: string | null): string | null {
  const { state } = record;
  switch (state.is) {
    case 'queued':
    case 'in_review':
    case 'done':
    case 'cancelled':
      return null;
    case 'starting':
      return record.losses > 0 ? 'Starting again from its checkpoint' : 'Starting its sandbox';
    case 'working':
      return note;
    case 'waiting':
      return state.what.for === 'word' ? 'Interrupted: say how to go on' : note;
    case 'delivering':
      return 'Looking for the pushed commit and opening the pull request';
    case 'checking':
      return 'Waiting for its checks';
    case 'failed':
      return state.reason;
  }
}

/** The task as lists and cards show it. */
export function taskLine(input: {
  spec: TaskSpec;
  createdAt: number;
  record: TaskRecord;
  note: string | null;
  usage: Usage;
  queued: QueuedMessage[];
  now: number;
}): TaskLine {
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
    attempt: record.attempt,
    queued: input.queued,
  };
}
