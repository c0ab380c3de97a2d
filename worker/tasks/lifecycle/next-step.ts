import * as z from 'zod/mini';
import { type TaskRecord, dueAt, hasSandbox } from './state.ts';

/** What the Workflow does next. A wait's event type is unique, so that a replay cannot take another's event. */
export const Next = z.discriminatedUnion('do', [
  z.object({ do: z.literal('ensure') }),
  z.object({ do: z.literal('deliver') }),
  z.object({ do: z.literal('wait'), type: z.string(), timeoutMs: z.number() }),
  z.object({ do: z.literal('end') }),
]);
export type Next = z.infer<typeof Next>;

const SHORTEST_WAIT_MS = 1_000;

/** Decides by the record alone; `wait` is the number of this look, counted by the Workflow. */
export function next(record: TaskRecord, wait: number, now: number): Next {
  const { state } = record;
  const until = (time: number): Next => ({
    do: 'wait',
    type: `wake-${wait}`,
    timeoutMs: Math.max(SHORTEST_WAIT_MS, time - now),
  });
  switch (state.is) {
    case 'queued':
      // Its turn has not come: the dispatch that follows a granted slot starts another.
      return state.slot === 'granted' ? { do: 'ensure' } : { do: 'end' };
    case 'starting':
      return state.ensured ? until(state.deadline) : { do: 'ensure' };
    case 'working':
      return until(state.deadline);
    case 'waiting': {
      // Once its sandbox is gone a task waits for a person, and no Workflow with it.
      const due = hasSandbox(state) ? dueAt(state) : null;
      return due === null ? { do: 'end' } : until(due);
    }
    case 'delivering':
      return now < state.notBefore ? until(state.notBefore) : { do: 'deliver' };
    case 'checking':
    case 'in_review':
    case 'done':
    case 'failed':
    case 'cancelled':
      return { do: 'end' };
  }
}
