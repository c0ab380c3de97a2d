import { createMemo, createSignal } from 'solid-js';
import type { ViewedMark } from '../../protocol/changes.ts';
import { TaskDetails } from '../../protocol/pages.ts';
import { useMainloop } from '../state/context.tsx';

async function fetchMarks(taskId: string): Promise<ViewedMark[] | null> {
  try {
    const answer = await fetch(`/api/tasks/${taskId}`);
    return answer.ok ? TaskDetails.parse(await answer.json()).viewed : null;
  } catch {
    return null;
  }
}

/**
 * What of a task's changes the person has looked at, on whichever device. The task keeps it; what was
 * marked here and has not got there yet counts at once. A file that changes again counts no more.
 */
export function viewedOf(taskId: string) {
  const { ask, state } = useMainloop();
  const [kept, setKept] = createSignal<readonly ViewedMark[]>([]);
  /** Marked on this page, the newest last; null where a mark was taken back. */
  const [own, setOwn] = createSignal<ReadonlyMap<string, string | null>>(new Map());
  /** What waits in the outbox still, also of an earlier page. */
  const pending = createMemo(
    () =>
      new Map(
        state.pending.flatMap(({ command }) => {
          if (command.type !== 'task' || command.taskId !== taskId) return [];
          const asked = command.command;
          if (asked.do !== 'mark_viewed') return [];
          return [[asked.mark.path, asked.isViewed ? asked.mark.hash : null] as const];
        }),
      ),
  );
  const marks = createMemo(() => {
    const all = new Map<string, string | null>(kept().map(({ path, hash }) => [path, hash]));
    for (const [path, hash] of pending()) all.set(path, hash);
    for (const [path, hash] of own()) all.set(path, hash);
    return all;
  });
  return {
    /** Reads what other devices have marked. */
    load: async () => {
      // What has got there by now is in the answer, or was changed again elsewhere since.
      const arrived = [...own().keys()].filter((path) => !pending().has(path));
      const found = await fetchMarks(taskId);
      if (found === null) return;
      setKept(found);
      setOwn((before) => new Map([...before].filter(([path]) => !arrived.includes(path))));
    },
    has: ({ path, hash }: ViewedMark) => marks().get(path) === hash,
    /** Looked at once, and changed since. */
    isNews: ({ path, hash }: ViewedMark) => {
      const seen = marks().get(path) ?? null;
      return seen !== null && seen !== hash;
    },
    set: ({ path, hash }: ViewedMark, isViewed: boolean) => {
      setOwn((before) => new Map([...before, [path, isViewed ? hash : null]]));
      ask(taskId, { do: 'mark_viewed', mark: { path, hash }, isViewed });
    },
  };
}
