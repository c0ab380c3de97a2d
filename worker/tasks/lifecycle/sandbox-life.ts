import {
  LOSSES_MAX,
  NO_ROOM_MAX_MS,
  PROGRESS_MS,
  SILENCE_MS,
  STALLS_MAX,
  STARTING_MS,
  type TaskRecord,
  type TaskState,
} from './state.ts';
import { type Transition, fail, stop } from './effect.ts';

/** Its runner lives, and Claude Code has said nothing for too long: that is as good as a lost sandbox, but not for ever. */
export function replaceStalled(record: TaskRecord, now: number): Transition {
  const stalls = (record.stalls ?? 0) + 1;
  const minutes = PROGRESS_MS / 60_000;
  if (stalls > STALLS_MAX) {
    const reason = `Claude Code stood still for ${minutes} minutes, ${stalls} times in a row. The last checkpoint is kept: Retry goes on from it.`;
    return fail(record, reason, now);
  }
  const why = `it stood still for ${minutes} minutes`;
  return replaceSandbox({ ...record, losses: 0, stalls }, now, why);
}

/** A sandbox is gone: the next one begins from the checkpoint, unless too many went the same way. */
export function replaceSandbox(
  record: TaskRecord,
  now: number,
  reason = 'its sandbox was lost',
): Transition {
  const losses = record.losses + 1;
  if (losses > LOSSES_MAX) {
    return fail(
      record,
      `Its sandbox stopped ${losses} times in a row. The last checkpoint is kept: Retry goes on from it.`,
      now,
    );
  }
  return {
    record: {
      ...record,
      losses,
      generation: record.generation + 1,
      state: { is: 'starting', ensured: false, deadline: now + STARTING_MS },
    },
    effects: [
      stop(record),
      { do: 'dispatch' },
      ...(losses === 1
        ? [
            {
              do: 'notice' as const,
              notice: { is: 'recovered' as const, reason },
            },
          ]
        : []),
    ],
  };
}

/** A task that waits needs no sandbox: one that is lost meanwhile is not replaced. */
export function loseWaiting(
  record: TaskRecord,
  state: Extract<TaskState, { is: 'waiting' }>,
): Transition {
  return {
    record: { ...record, state: { ...state, sandbox: { is: 'gone' } } },
    effects: [stop(record)],
  };
}

/** Heartbeats put off the silence only: it is due when Claude Code stands still, too. */
export function working(silentAt: number, stalledAt: number): TaskState {
  return { is: 'working', deadline: Math.min(silentAt, stalledAt), stalledAt };
}

export function onSignOfLife(record: TaskRecord, progress: boolean, now: number): Transition {
  const { state } = record;
  const silentAt = now + SILENCE_MS;
  const losses = progress ? 0 : record.losses;
  if (state.is !== 'waiting') {
    const goesOn = state.is === 'working' && !progress;
    const stalledAt = (goesOn ? state.stalledAt : undefined) ?? now + PROGRESS_MS;
    return {
      record: { ...record, losses, state: working(silentAt, stalledAt) },
      effects: [],
    };
  }
  const { sandbox } = state;
  return {
    record:
      sandbox.is === 'warm'
        ? { ...record, losses, state: { ...state, sandbox: { ...sandbox, silentAt } } }
        : record,
    effects: [],
  };
}

/** All sandboxes are taken, or its image is not ready: it keeps its slot and asks again, for a day. */
export function waitForRoom(
  record: TaskRecord,
  state: Extract<TaskState, { is: 'starting' }>,
  now: number,
): Transition {
  const noRoomSince = state.noRoomSince ?? now;
  if (now >= noRoomSince + NO_ROOM_MAX_MS) {
    const reason =
      'No sandbox was free for 24 hours. Retry asks again; how many there are is a limit of the Cloudflare account.';
    return fail(record, reason, now);
  }
  return {
    record: { ...record, state: { ...state, noRoomSince, deadline: now + STARTING_MS } },
    effects:
      state.noRoomSince === undefined
        ? [{ do: 'note', text: 'Waiting for a sandbox: none is free' }]
        : [],
  };
}
