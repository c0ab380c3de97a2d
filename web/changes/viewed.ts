import { createSignal } from 'solid-js';
import * as z from 'zod/mini';

/** Tasks whose marks this device keeps: the ones that were looked at last. */
const TASKS_MAX = 100;
const KEY = 'viewed';

/** By task, and by file in it, the change that was looked at. */
const Kept = z.array(z.tuple([z.string(), z.record(z.string(), z.string())]));
type Kept = z.infer<typeof Kept>;

function readKept(): Kept {
  try {
    const read = Kept.safeParse(JSON.parse(localStorage.getItem(KEY) ?? '[]'));
    return read.success ? read.data : [];
  } catch {
    return [];
  }
}

/** What of a task's changes the person has looked at on this device. A file that changes again counts no more. */
export function viewedOf(taskId: string) {
  const [marks, setMarks] = createSignal(new Map(readKept()).get(taskId) ?? {});
  return {
    has: (file: { path: string; hash: string }) => marks()[file.path] === file.hash,
    /** Looked at once, and changed since. */
    isNews: (file: { path: string; hash: string }) => {
      const seen = marks()[file.path];
      return seen !== undefined && seen !== file.hash;
    },
    set: (file: { path: string; hash: string }, isViewed: boolean) => {
      const { [file.path]: _, ...others } = marks();
      setMarks(isViewed ? { ...others, [file.path]: file.hash } : others);
      const rest = readKept().filter(([id]) => id !== taskId);
      try {
        const kept: Kept = [[taskId, marks()], ...rest.slice(0, TASKS_MAX - 1)];
        localStorage.setItem(KEY, JSON.stringify(kept));
      } catch {
        // No room: the mark lives as long as the page.
      }
    },
  };
}
