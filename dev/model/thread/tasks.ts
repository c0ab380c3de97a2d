import * as z from 'zod/mini';
import { TaskStatus } from '../../../protocol/task.ts';
import { STATUS } from '../../../protocol/task-status.ts';

/** A task as the tools tell about it. */
export const ToldTask = z.looseObject({
  task_id: z.string(),
  title: z.string(),
  status: z.optional(z.string()),
  repository: z.optional(z.string()),
  model: z.optional(z.string()),
  last_step: z.optional(z.nullable(z.string())),
  note: z.optional(z.nullable(z.string())),
  pull_request: z.optional(z.nullable(z.looseObject({ number: z.number(), url: z.string() }))),
});
export type ToldTask = z.infer<typeof ToldTask>;

export function isOver(task: Pick<ToldTask, 'status'>): boolean {
  const status = TaskStatus.safeParse(task.status);
  return status.success && STATUS[status.data].isEnded;
}

const EMPTY =
  /^(?:the|a|an|task|tasks|one|job|work|please|this|that|my|to|for|of|in|on|it|is|how|going|doing|what|about|status|add|fix)$/;

function wordsOf(text: string): string[] {
  return (text.toLowerCase().match(/[a-z0-9]+/g) ?? []).filter((word) => !EMPTY.test(word));
}

/** True where both mean the same thing, as "dates" and "date" or "removal" and "remove". */
function akin(one: string, other: string): boolean {
  if (one === other) return true;
  const stem = Math.max(4, Math.min(one.length, other.length) - 2);
  return one.length >= stem && other.length >= stem && one.slice(0, stem) === other.slice(0, stem);
}

/** The tasks that a person means by some words, best first; those still open before the others. */
export function meant<
  Task extends { title: string; status?: string | undefined; repository?: string | undefined },
>(words: string, tasks: readonly Task[]): Task[] {
  const asked = wordsOf(words);
  return tasks
    .map((task) => {
      const about = wordsOf(`${task.title} ${task.repository ?? ''}`);
      const hits = asked.filter((word) => about.some((other) => akin(word, other))).length;
      return { task, hits, open: isOver(task) ? 0 : 1 };
    })
    .filter(({ hits }) => hits > 0)
    .toSorted((one, other) => other.hits - one.hits || other.open - one.open)
    .map(({ task }) => task);
}

/** The one task that is meant: by its words, or because it is the only one at work. */
export function theOne<Task extends Pick<ToldTask, 'title' | 'status' | 'repository'>>(
  words: string,
  tasks: readonly Task[],
): Task | null {
  const [best] = meant(words, tasks);
  if (best !== undefined) return best;
  const open = tasks.filter((task) => !isOver(task));
  return wordsOf(words).length === 0 && open.length === 1 ? (open[0] ?? null) : null;
}

/** A task's state in one line of Markdown. */
export function lineOf(task: ToldTask): string {
  const where = task.repository === undefined ? '' : ` in ${task.repository}`;
  const doing = task.last_step ?? task.note;
  const step = doing === undefined || doing === null || isOver(task) ? '' : `, at “${doing}”`;
  const pull =
    task.pull_request === undefined || task.pull_request === null
      ? ''
      : `, [#${task.pull_request.number}](${task.pull_request.url})`;
  return `**${task.title}**${where}: ${task.status ?? 'unknown'}${step}${pull}`;
}
