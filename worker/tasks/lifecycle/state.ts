import type { BudgetScope, LeftOpen, ReviewChecks } from '../../../protocol/inbox.ts';
import type { RunnerResult } from '../../../protocol/runner.ts';
import type { PullRequest, TaskMode, TaskStatus } from '../../../protocol/task.ts';

/** How long a task may wait for its Workflow before it is dispatched again. */
export const QUEUED_MS = 20_000;
/** How often a task that waits for a slot says so again. */
export const SLOT_ASK_MS = 60_000;
/** How long a sandbox may take from its start to the runner's first word: a cold container and an image pull. */
export const STARTING_MS = 120_000;
/** How long a task waits for a sandbox when none is to be had. */
export const NO_ROOM_MAX_MS = 24 * 60 * 60_000;
/** Silence after which a runner counts as lost: four heartbeats. */
export const SILENCE_MS = 20_000;
/** How long a runner may live without a word of Claude Code's: three times the longest that one command may take. */
export const PROGRESS_MS = 30 * 60_000;
/** Sandboxes in which Claude Code may stand still, in one stretch of work, before the task fails. */
export const STALLS_MAX = 2;
/** How long evidence and pull request may take, over all tries. */
export const DELIVERING_MS = 10 * 60_000;
/** Time for one more try after the host has made a delivery wait, however long that was. */
export const DELIVERING_AGAIN_MS = 60_000;
/** Tries at evidence and pull request. */
export const DELIVERING_TRIES = 5;
/** SandboxSupervisor that may be lost one after another before the task fails. */
export const LOSSES_MAX = 5;
/** How long a sandbox is kept while a question waits for a person, where the installation does not say. */
export const WARM_MS = 10 * 60_000;
/** How long a sandbox that was told to go may take to keep its work. */
export const LEAVING_MS = 20_000;
/** How long after the push a host may take to show the commit's checks. */
export const CHECKS_APPEAR_MS = 4_000;
/** How long checks may take before the person is asked to look. */
export const CHECKS_WITHIN_MS = 30 * 60_000;
/** How long a task that has ended can go on where it stopped. */
export const CHECKPOINT_KEPT_MS = 30 * 24 * 60 * 60_000;
/** Times that failing checks or conflicts go back to the worker before the person is asked. */
export const ROUNDS_MAX = 5;

type Delivered = Extract<RunnerResult, { is: 'delivered' }>;

/** What a task waits for a person to do. */
export type Waiting =
  | { for: 'answers'; questionId: string }
  | { for: 'approval'; planId: string }
  /** It was interrupted: the next word says how to go on. */
  | { for: 'word' }
  /** The money for it, or for the person's day, is spent. */
  | { for: 'budget'; scope: BudgetScope }
  /** The Claude plan's limit is reached: it goes on by itself at this time. */
  | { for: 'plan_limit'; until: number };

/** The sandbox of a task that waits. A task whose sandbox is gone costs nothing, for however long. */
export type Parking =
  | { is: 'warm'; parkAt: number; silentAt: number }
  | { is: 'leaving'; until: number }
  | { is: 'gone' };

/** Where a task is. Each state has a time at which something happens by itself, or waits for a person, or is final. */
export type TaskState =
  /** `waiting` until the main thread grants it one of the slots for tasks at work. */
  | { is: 'queued'; slot: 'waiting' | 'granted'; deadline: number }
  /** `noRoomSince` while none is to be had. */
  | { is: 'starting'; ensured: boolean; deadline: number; noRoomSince?: number | undefined }
  /** `stalledAt` is when it counts as standing still; a row from before there was one has none. */
  | { is: 'working'; deadline: number; stalledAt?: number | undefined }
  | { is: 'waiting'; what: Waiting; sandbox: Parking }
  | { is: 'delivering'; result: Delivered; tries: number; notBefore: number; deadline: number }
  | { is: 'checking'; since: number; pollAt: number; pollAfterMs: number }
  /** A row from before it was known has no `leftOpen`: nothing is. */
  | {
      is: 'in_review';
      checks: ReviewChecks;
      leftOpen?: LeftOpen | undefined;
      pollAt: number;
      pollAfterMs: number;
    }
  | { is: 'done'; pullRequest: PullRequest | null }
  | { is: 'failed'; reason: string }
  /** `host`: its pull request was closed there, and may be opened again. */
  | { is: 'cancelled'; by: 'person' | 'host' };

/** The state with what outlives it. */
export type TaskRecord = {
  state: TaskState;
  /** `plan` until a plan was approved. */
  mode: TaskMode;
  /** The mode that it began in. */
  initialMode: TaskMode;
  /** True while it works as if its branch held nothing yet. */
  fresh: boolean;
  /** Counts the stretches of work from 1: first try, retries, going on after a wait. Names the Workflow instance. */
  attempt: number;
  /** SandboxSupervisor started so far. Only the newest may write. */
  generation: number;
  /** SandboxSupervisor lost since the last sign of progress. */
  losses: number;
  /** Sandboxes in which Claude Code stood still, in this stretch of work; a row from before this was counted has none. */
  stalls?: number | undefined;
  startedAt: number | null;
  endedAt: number | null;
  /** What was opened for this task once, also after a retry. */
  pullRequest: PullRequest | null;
  /** What stands in the pull request now. `unchanged` when the newest stretch of work added nothing to it; a row from before this was known has none. */
  delivered: {
    pullRequest: PullRequest;
    commit: string;
    summary: string;
    /** A row from before it was asked for has none. */
    tested?: string | null | undefined;
    unchanged?: boolean | undefined;
  } | null;
  /** Times that the work went back to the worker since a person last spoke. */
  rounds: number;
};

export function newTask(
  mode: TaskMode,
  now: number,
  slot: 'waiting' | 'granted' = 'waiting',
): TaskRecord {
  const deadline = now + (slot === 'granted' ? QUEUED_MS : SLOT_ASK_MS);
  return {
    state: { is: 'queued', slot, deadline },
    mode,
    initialMode: mode,
    fresh: false,
    attempt: 1,
    generation: 0,
    losses: 0,
    startedAt: null,
    endedAt: null,
    pullRequest: null,
    delivered: null,
    rounds: 0,
  };
}

function waitingStatus(what: Waiting): TaskStatus {
  switch (what.for) {
    case 'answers':
    case 'word':
      return 'Needs answers';
    case 'approval':
    case 'budget':
      return 'Needs approval';
    case 'plan_limit':
      return 'Queued';
  }
}

export function statusOf({ state, mode }: TaskRecord): TaskStatus {
  switch (state.is) {
    case 'queued':
      return 'Queued';
    case 'starting':
      return 'Starting';
    case 'working':
      return mode === 'plan' ? 'Planning' : 'Working';
    case 'waiting':
      return waitingStatus(state.what);
    case 'delivering':
    case 'checking':
      return 'Checking';
    case 'in_review':
      return 'In review';
    case 'done':
      return 'Done';
    case 'failed':
      return 'Failed';
    case 'cancelled':
      return 'Cancelled';
  }
}

function parkingDueAt(sandbox: Parking): number | null {
  switch (sandbox.is) {
    case 'warm':
      return Math.min(sandbox.parkAt, sandbox.silentAt);
    case 'leaving':
      return sandbox.until;
    case 'gone':
      return null;
  }
}

/** When the state moves by itself; null for one that is final or waits for a person alone. */
export function dueAt(state: TaskState): number | null {
  switch (state.is) {
    case 'queued':
    case 'starting':
    case 'working':
    case 'delivering':
      return state.deadline;
    case 'waiting':
      return state.what.for === 'plan_limit' && state.sandbox.is === 'gone'
        ? state.what.until
        : parkingDueAt(state.sandbox);
    case 'checking':
    case 'in_review':
      return state.pollAt;
    case 'done':
    case 'failed':
    case 'cancelled':
      return null;
  }
}

export function isFinal(state: TaskState): boolean {
  return state.is === 'done' || state.is === 'failed' || state.is === 'cancelled';
}

/** True while the newest sandbox may speak for this task. */
export function hasSandbox(state: TaskState): boolean {
  switch (state.is) {
    case 'starting':
    case 'working':
      return true;
    case 'waiting':
      return state.sandbox.is !== 'gone';
    case 'queued':
    case 'delivering':
    case 'checking':
    case 'in_review':
    case 'done':
    case 'failed':
    case 'cancelled':
      return false;
  }
}

/** Whether a task takes one of the slots for tasks at work, waits for one, or needs none. */
export type Slot = 'none' | 'waiting' | 'taken';

/** @param stopping true while an earlier sandbox of it may still run. */
export function slotOf(state: TaskState, stopping: boolean): Slot {
  if (stopping || hasSandbox(state)) return 'taken';
  if (state.is !== 'queued') return 'none';
  return state.slot === 'waiting' ? 'waiting' : 'taken';
}
