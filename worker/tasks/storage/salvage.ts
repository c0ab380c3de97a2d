import * as z from 'zod/mini';
import type { PullRequest, TaskMode } from '../../../protocol/task.ts';
import type { TaskRecord } from '../lifecycle/state.ts';
import { StoredTime, orElse } from '../../platform/stored-values.ts';
import { StoredMode, StoredPullRequest } from './shapes.ts';

/** What the person reads where a task's state should stand. */
export const UNREADABLE_RECORD =
  'Where it stood can no longer be read. What it pushed is kept: Retry goes on from there.';

/** Each field by itself: one that cannot be read does not take the others with it. */
const Parts = z.object({
  mode: orElse(z.nullable(StoredMode), null),
  initialMode: orElse(z.nullable(StoredMode), null),
  attempt: orElse(z.int().check(z.nonnegative()), 0),
  generation: orElse(z.int().check(z.nonnegative()), 0),
  startedAt: orElse(z.nullable(StoredTime), null),
  pullRequest: orElse(z.nullable(StoredPullRequest), null),
});
const NOTHING = Parts.parse({});

/** What the rest of the task's storage tells of it. */
export type Traces = {
  mode: TaskMode;
  /** The number of its last event: each attempt had one at least. */
  lastEvent: number;
  /** The highest generation that a key names. */
  generation: number;
  /** The newest that its events name. */
  pullRequest: PullRequest | null;
};

/**
 * A failed task in place of a record that cannot be read. Attempt and generation must be above all
 * that were used: the one names a Workflow, which runs once, the other shuts out older sandboxes.
 */
export function salvagedRecord(record: unknown, traces: Traces): TaskRecord {
  const parsed = Parts.safeParse(record);
  const parts = parsed.success ? parsed.data : NOTHING;
  const initialMode = parts.initialMode ?? traces.mode;
  const pullRequest = parts.pullRequest ?? traces.pullRequest;
  return {
    state: { is: 'failed', reason: UNREADABLE_RECORD },
    mode: parts.mode ?? initialMode,
    initialMode,
    fresh: false,
    attempt: Math.max(parts.attempt, parts.attempt === 0 ? traces.lastEvent : 1, 1),
    generation: Math.max(parts.generation, traces.generation),
    losses: 0,
    startedAt: parts.startedAt,
    endedAt: null,
    pullRequest,
    delivered: null,
    rounds: 0,
  };
}
