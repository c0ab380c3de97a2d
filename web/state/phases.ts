import type { StatusChange } from '../../protocol/pages.ts';
import { STATUS } from '../../protocol/task-status.ts';

/** A stretch of a task's life; `to` is null while it lasts, and at an end. */
export type Phase = { words: string; isEnd: boolean; from: number; to: number | null };

/** A shorter one is left out. */
const SHOWN_FROM_MS = 1_000;

/** As it is while it lasts, and afterwards. */
function wordsOf(status: StatusChange['status'], lasts: boolean): string {
  if (STATUS[status].needsPerson) return lasts ? 'Waits for you' : 'Waited for you';
  return status;
}

/** The stretches that these changes make, oldest first; two of the same kind in a row are one. */
export function phasesOf(changes: readonly StatusChange[]): Phase[] {
  const phases: Phase[] = [];
  for (const [place, { status, at }] of changes.entries()) {
    const next = changes[place + 1];
    const isEnd = STATUS[status].isEnded;
    const words = wordsOf(status, next === undefined);
    const last = phases.at(-1);
    // An answer and the approval after it are one wait.
    const isSame = last !== undefined && last.words === wordsOf(status, false) && !isEnd;
    if (isSame) {
      last.words = words;
      last.to = next?.at ?? null;
    } else {
      // How long it stood at its end is no phase of the work.
      phases.push({ words, isEnd, from: at, to: isEnd ? null : (next?.at ?? null) });
    }
  }
  // What was over at once is no phase that anybody waited for.
  return phases.filter(({ isEnd, from, to }) => isEnd || to === null || to - from >= SHOWN_FROM_MS);
}
