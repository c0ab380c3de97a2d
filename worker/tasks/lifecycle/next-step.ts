import * as z from 'zod/mini';
import { type TaskRecord, type TaskState, dueAt, hasSandbox } from './state.ts';

/** How often a task at work is looked at: a lost sandbox is replaced within seconds, not at its silence limit. */
export const LOOK_AFTER_MS = 8_000;
/** The Workflow's steps are counted, so it waits at least so long beside a sandbox that the alarm looks after. */
const BESIDE_SANDBOX_MS = 20_000;
const SHORTEST_WAIT_MS = 1_000;

/** What is known of the newest sandbox without asking anybody; times in milliseconds since 1970. */
export type SandboxSituation = {
  /** When it was last heard of, or its host was last asked; 0 when that is not known. */
  seenAt: number;
  isStarting: boolean;
  /** After a start that failed, when the next may be tried. */
  startAgainAt: number;
};

export type Situation = {
  record: TaskRecord;
  sandbox: SandboxSituation;
  /** When the comments of its issue are read next; null when none could decide anything. */
  issuePollAt: number | null;
};

/** What is next for a task. */
export type NextStep =
  /** The state's own time has come. */
  | { do: 'time' }
  /** A sandbox has to be started. */
  | { do: 'ensure' }
  /** Its sandbox has been silent: ask whether it is still there. */
  | { do: 'look_after' }
  | { do: 'deliver' }
  /** See what happened at the git host. */
  | { do: 'poll_host' }
  | { do: 'wait'; until: number }
  /** Nothing happens by itself: it waits for a person, or is over. */
  | { do: 'end' };

export function isWork(step: NextStep): boolean {
  return step.do !== 'wait' && step.do !== 'end';
}

/** True while there is a sandbox whose life can be asked after. */
export function sandboxIsUp(state: TaskState): boolean {
  return hasSandbox(state) && (state.is !== 'starting' || state.ensured);
}

function waitUntil(...times: (number | null)[]): NextStep {
  const known = times.filter((time) => time !== null);
  return known.length === 0 ? { do: 'end' } : { do: 'wait', until: Math.min(...known) };
}

/** The one place that decides what is next. Its Workflow asks, and its alarm: whoever comes first acts. */
export function nextStep({ record, sandbox, issuePollAt }: Situation, now: number): NextStep {
  const { state } = record;
  const due = dueAt(state);
  if (state.is === 'checking' || state.is === 'in_review') {
    return now >= state.pollAt ? { do: 'poll_host' } : waitUntil(state.pollAt);
  }
  if (due !== null && now >= due) return { do: 'time' };
  switch (state.is) {
    case 'queued':
      return state.slot === 'granted' ? start(sandbox, due, now) : waitUntil(due);
    case 'starting':
      return state.ensured ? besideSandbox(sandbox, [due], now) : start(sandbox, due, now);
    case 'working':
      return besideSandbox(sandbox, [due], now);
    case 'waiting':
      if (issuePollAt !== null && now >= issuePollAt) return { do: 'poll_host' };
      return hasSandbox(state)
        ? besideSandbox(sandbox, [due, issuePollAt], now)
        : waitUntil(due, issuePollAt);
    case 'delivering':
      return now >= state.notBefore ? { do: 'deliver' } : waitUntil(state.notBefore, due);
    case 'done':
    case 'failed':
    case 'cancelled':
      return { do: 'end' };
  }
}

function start(sandbox: SandboxSituation, due: number | null, now: number): NextStep {
  if (sandbox.isStarting) return waitUntil(due);
  return now >= sandbox.startAgainAt ? { do: 'ensure' } : waitUntil(sandbox.startAgainAt, due);
}

function besideSandbox(
  { seenAt }: SandboxSituation,
  times: (number | null)[],
  now: number,
): NextStep {
  const lookAt = seenAt + LOOK_AFTER_MS;
  return now >= lookAt ? { do: 'look_after' } : waitUntil(lookAt, ...times);
}

/** What the Workflow is told. A wait's event type is unique, so that a replay cannot take another's event. */
export const WorkflowNext = z.discriminatedUnion('do', [
  z.object({ do: z.literal('wait'), type: z.string(), timeoutMs: z.number() }),
  z.object({ do: z.literal('end') }),
]);
export type WorkflowNext = z.infer<typeof WorkflowNext>;

/** True while a Workflow drives the task beside its alarm. A later stretch of work has a Workflow of its own. */
function hasWorkflow(state: TaskState): boolean {
  return (state.is === 'queued' && state.slot === 'granted') || state.is === 'delivering'
    ? true
    : hasSandbox(state);
}

/** The same step for the Workflow, once all that could be done was done. @param look counted by the Workflow. */
export function forWorkflow(
  step: NextStep,
  { state }: TaskRecord,
  look: number,
  now: number,
): WorkflowNext {
  if (step.do === 'end' || !hasWorkflow(state)) return { do: 'end' };
  const atLeast = sandboxIsUp(state) ? BESIDE_SANDBOX_MS : SHORTEST_WAIT_MS;
  const until = step.do === 'wait' ? step.until : now;
  return { do: 'wait', type: `wake-${look}`, timeoutMs: Math.max(atLeast, until - now) };
}

/** True when a Workflow that waits should rather look now: for what the alarm would begin later, or never. */
export function wakesWorkflow(step: NextStep, state: TaskState): boolean {
  return step.do === 'ensure' || step.do === 'deliver' || !hasWorkflow(state);
}
