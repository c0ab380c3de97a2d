import type { InboxOutcome } from '../../../protocol/inbox.ts';
import {
  LEAVING_MS,
  PROGRESS_MS,
  SILENCE_MS,
  type TaskRecord,
  type Waiting,
  hasSandbox,
} from './state.ts';
import { type Asking, type TaskEffect, type Transition, queue, settle, stop } from './effect.ts';
import { working } from './sandbox-life.ts';

/** The worker asks: it waits with its sandbox for a while, and without it for as long as it takes. */
export function ask(
  record: TaskRecord,
  what: Waiting,
  asking: Asking | null,
  warmMs: number,
  now: number,
): Transition {
  const sandbox = { is: 'warm', parkAt: now + warmMs, silentAt: now + SILENCE_MS } as const;
  const effects: TaskEffect[] =
    asking === null
      ? // It was interrupted: whoever did so knows, and finds it in the inbox.
        what.for === 'word'
        ? [{ do: 'open_word' }]
        : []
      : [
          { do: 'open_asking', ask: asking },
          { do: 'notice', notice: asking },
        ];
  return {
    record: { ...record, losses: 0, state: { is: 'waiting', what, sandbox } },
    effects,
  };
}

/** The person did not come in time: the sandbox keeps its work and goes. */
export function park(record: TaskRecord, what: Waiting, now: number): Transition {
  const sandbox = { is: 'leaving', until: now + LEAVING_MS } as const;
  return {
    record: { ...record, state: { is: 'waiting', what, sandbox } },
    effects: [{ do: 'park' }],
  };
}

/** The person has spoken: the sandbox that is there goes on, otherwise another one does. */
export function onPromptReceived(
  record: TaskRecord,
  { approved, outcome }: { approved: boolean; outcome: InboxOutcome | null },
  now: number,
): Transition | null {
  const { state } = record;
  const told: TaskRecord = {
    ...record,
    rounds: 0,
    stalls: 0,
    mode: approved ? 'direct' : record.mode,
  };
  const settled: TaskEffect[] = outcome === null ? [] : [{ do: 'settle', outcome }];
  switch (state.is) {
    case 'waiting':
      if (state.sandbox.is === 'warm') {
        const { silentAt } = state.sandbox;
        return {
          record: { ...told, state: working(silentAt, now + PROGRESS_MS) },
          effects: settled,
        };
      }
      return {
        record: queue(told, now),
        effects: [...(hasSandbox(state) ? [stop(record)] : []), ...settled],
      };
    case 'checking':
    case 'in_review':
    case 'done':
    case 'failed':
    case 'cancelled':
      return {
        record: queue(told, now),
        effects: outcome === null ? [settle('Goes on with your message', now)] : settled,
      };
    case 'queued':
    case 'starting':
    case 'working':
    case 'delivering':
      return null;
  }
}
