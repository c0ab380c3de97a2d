import type { TurnCause } from '../storage/rows.ts';

/** A reply that takes the object down with it is not given for ever. */
const RESTARTS_MAX = 5;

/** What becomes of a reply that an earlier life of the object left in the middle. */
export type AfterRestart =
  /** Nothing was done yet: it is given again from the beginning, and nobody notices. */
  | 'give_again'
  /** What it asked for is carried out to its end, and it is shown as cut, with what was done. */
  | 'end_as_cut'
  /** What a task has to say is said in plain words. */
  | 'say_notice';

/** `hasCalled`: it has asked for a tool. `restarts` is how often this very turn was found in the middle, this time included. */
export function afterRestart(cause: TurnCause, hasCalled: boolean, restarts: number): AfterRestart {
  if (cause.is === 'notice') return 'say_notice';
  // What it was to answer can no longer be read.
  if (cause.is === 'message' && cause.ids.length === 0) return 'end_as_cut';
  return !hasCalled && restarts <= RESTARTS_MAX ? 'give_again' : 'end_as_cut';
}
