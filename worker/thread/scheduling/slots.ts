import type { TaskStatus } from '../../../protocol/task.ts';
import { STATUS } from '../../../protocol/task-status.ts';
import type { Slot } from '../../tasks/lifecycle/state.ts';

/** A task that is at work, or waits for a slot. */
export type SlotRow = {
  taskId: string;
  /** The stretch of work that it waits with, or is at. */
  attempt: number;
  /** `granted` until the task has said that it took its slot. */
  slot: 'waiting' | 'granted' | 'taken';
  /** It goes before those that have not begun: it was begun before, or is urgent. */
  ahead: boolean;
  /** The task that it waits for; it may have ended meanwhile. */
  after: string | null;
};

/** Those whose turn it is, in order. `blocks` tells whether a task still holds up the ones after it. */
export function dueSlots(
  rows: readonly SlotRow[],
  limit: number,
  blocks: (taskId: string) => boolean,
): SlotRow[] {
  const busy = rows.filter(({ slot }) => slot !== 'waiting').length;
  return rows
    .filter(({ slot }) => slot === 'waiting')
    .filter(({ after }) => after === null || !blocks(after))
    .slice(0, Math.max(0, limit - busy));
}

/**
 * A rank between two neighbours, so that a task that joins or moves changes its own row only; null
 * when there is no number left between them, and all have to be numbered anew.
 */
export function rankBetween(before: number | null, after: number | null): number | null {
  if (before === null) return after === null ? 1 : after - 1;
  if (after === null) return before + 1;
  const rank = (before + after) / 2;
  return rank > before && rank < after ? rank : null;
}

/** What the conversation has of a task. */
export type ThreadSide = { status: TaskStatus; attempt: number; slot: SlotRow | null };
/** What the task's own object has; null when it holds no task. */
export type TaskSide = { status: TaskStatus; attempt: number; slot: Slot } | null;

/** What makes the two sides agree again. */
export type Repair =
  /** The task's summary is taken as if it had been reported. */
  | 'take_summary'
  /** The slot is free: the task neither works nor waits. */
  | 'free'
  /** The task works: its slot is taken. */
  | 'take'
  /** The task waits for a slot and stands in no queue: it joins it. */
  | 'join'
  /** It was granted a slot and never heard of it. */
  | 'grant_again'
  /** The task's object never got it, or has lost it. */
  | 'create_again';

/**
 * Where the conversation and a task say different things of it, and what mends that, in order. The
 * task is right about itself; the conversation about who has a slot. Empty when both agree.
 */
export function disagreements(thread: ThreadSide, task: TaskSide): Repair[] {
  const { slot: row } = thread;
  if (task === null) {
    if (STATUS[thread.status].isEnded) return row === null ? [] : ['free'];
    // A new object begins with its first stretch, and only a grant for that one can go with it.
    const keepsRow = row !== null && row.slot !== 'taken' && row.attempt === 1;
    return keepsRow ? ['create_again'] : ['join', 'create_again'];
  }
  const repairs: Repair[] = [];
  if (thread.status !== task.status || thread.attempt !== task.attempt) {
    repairs.push('take_summary');
  }
  switch (task.slot) {
    case 'none':
      if (row !== null) repairs.push('free');
      break;
    case 'taken':
      if (row?.slot !== 'taken' || row.attempt !== task.attempt) repairs.push('take');
      break;
    case 'waiting':
      if (row === null || row.slot === 'taken' || row.attempt !== task.attempt) {
        repairs.push('join');
      } else if (row.slot === 'granted') repairs.push('grant_again');
      break;
  }
  return repairs;
}
