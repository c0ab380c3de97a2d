import type { TaskStatus } from './task.ts';

/** How a person thinks of a task: what to do, what goes on, what came back, what is over. */
export type TaskGroup = 'needs_you' | 'working' | 'in_review' | 'over';

/**
 * What follows from a status, wherever it is asked. Whether a task holds one of the slots does not
 * follow from it: a task that waits for an answer may still have its sandbox (`slotOf` of its state).
 */
type StatusFacets = {
  group: TaskGroup;
  /** It has come to an end; only a person takes it up again. */
  isEnded: boolean;
  /** It stands still until a person answers or decides: an item in the inbox says what. */
  needsPerson: boolean;
  /** It makes model calls, or is about to. */
  spends: boolean;
  /** Tasks that shall start after it still wait: it has neither delivered nor ended. */
  blocksAfter: boolean;
  /** Its note is what its worker does just then, and changes without a change of status. */
  showsProgress: boolean;
  /** What a message does: `steers` now or at the next turn, `waits` for that turn, begins a follow-up. */
  message: 'steers' | 'waits' | 'follows_up';
  canInterrupt: boolean;
  canRetry: boolean;
};

const AT_WORK: StatusFacets = {
  group: 'working',
  isEnded: false,
  needsPerson: false,
  spends: false,
  blocksAfter: true,
  showsProgress: false,
  message: 'steers',
  canInterrupt: false,
  canRetry: false,
};
const IN_A_TURN: StatusFacets = {
  ...AT_WORK,
  spends: true,
  showsProgress: true,
  canInterrupt: true,
};
const ASKS: StatusFacets = {
  ...AT_WORK,
  group: 'needs_you',
  needsPerson: true,
  showsProgress: true,
  message: 'waits',
};
const OVER: StatusFacets = {
  ...AT_WORK,
  group: 'over',
  isEnded: true,
  blocksAfter: false,
  message: 'follows_up',
};

export const STATUS: Record<TaskStatus, StatusFacets> = {
  Queued: AT_WORK,
  Starting: { ...AT_WORK, spends: true },
  Planning: IN_A_TURN,
  'Needs answers': ASKS,
  'Needs approval': ASKS,
  Working: IN_A_TURN,
  Checking: AT_WORK,
  'In review': { ...OVER, group: 'in_review', isEnded: false },
  Done: OVER,
  Failed: { ...OVER, group: 'needs_you', canRetry: true },
  Cancelled: { ...OVER, canRetry: true },
};
