import { TaskStatus } from '../../../protocol/task.ts';
import { STATUS } from '../../../protocol/task-status.ts';

type Named = { title: string; repository: string };

export function isOver(task: { status: string }): boolean {
  const status = TaskStatus.safeParse(task.status);
  return status.success && STATUS[status.data].isEnded;
}

const EMPTY =
  /^(?:the|a|an|tasks?|one|job|work|please|this|that|my|to|for|of|in|on|it|is|how|going|doing|what|about|status|add|fix)$/;

function wordsOf(text: string): string[] {
  return (text.toLowerCase().match(/[a-z0-9]+/g) ?? []).filter((word) => !EMPTY.test(word));
}

/** True where both mean the same thing, as "dates" and "date" or "removal" and "remove". */
function akin(one: string, other: string): boolean {
  const stem = Math.max(4, Math.min(one.length, other.length) - 2);
  return one === other || (one.length >= stem && one.slice(0, stem) === other.slice(0, stem));
}

/** The tasks that a person means by some words, best first. */
export function meant<Task extends Named>(words: string, tasks: readonly Task[]): Task[] {
  const hits = ({ title, repository }: Task) => {
    const about = wordsOf(`${title} ${repository}`);
    return wordsOf(words).filter((word) => about.some((one) => akin(word, one))).length;
  };
  return tasks.filter((task) => hits(task) > 0).toSorted((a, b) => hits(b) - hits(a));
}

/** The one that is meant: by its words, or because it is the only one and no other is named. */
export function theOne<Task extends Named>(words: string, tasks: readonly Task[]): Task | null {
  const isOnly = wordsOf(words).length === 0 && tasks.length === 1;
  return meant(words, tasks)[0] ?? (isOnly ? tasks[0] : null) ?? null;
}
