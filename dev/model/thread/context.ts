import * as z from 'zod/mini';
import { KNOWN, Known, SUMMARY } from '../product-words.ts';

/** What the main thread tells of how things stand, as far as it is there. */
export type Context = {
  /** `usual` is how its tasks begin when the person says nothing about it. */
  repositories: { name: string; about: string; usual: 'plan' | 'direct' | null }[];
  openTasks: OpenTask[];
  /** Tasks that wait for an answer or a verdict. */
  waiting: Waiting[];
  /** The rolling summary; empty when there is none. */
  summary: string;
};

export type OpenTask = { id: string; title: string; status: string; repository: string };

export type Asked = { question: string; options: string[]; several: boolean };

/** A task with its open questions, or with a plan that may offer alternatives. */
export type Waiting = { id: string; title: string; questions: Asked[]; alternatives: string[] };

/** The value in the element of these texts; null where there is none, or it is no such value. */
export function dataIn<Schema extends z.ZodMiniType>(
  element: RegExp,
  schema: Schema,
  text: string,
): z.infer<Schema> | null {
  try {
    return schema.safeParse(JSON.parse(element.exec(text)?.groups?.['data'] ?? '')).data ?? null;
  } catch {
    return null;
  }
}

function readWaiting(rows: z.infer<typeof Known>['waiting_for_the_person']): Waiting[] {
  const tasks = new Map<string, Waiting>();
  for (const row of rows) {
    const { task_id: id, title } = row;
    if ('budget_is_spent' in row) continue;
    const task = tasks.get(id) ?? { id, title, questions: [], alternatives: [] };
    if ('question' in row) {
      const { question, options, several_possible: several } = row;
      task.questions.push({ question, options, several });
    } else {
      task.alternatives = row.alternatives;
    }
    tasks.set(id, task);
  }
  return [...tasks.values()];
}

/** @param text the conversation's first user turn. */
export function readContext(text: string): Context {
  const known = dataIn(KNOWN, Known, text);
  return {
    repositories: (known?.repositories ?? []).map((one) => ({
      name: one.name,
      about: one.description,
      usual: one.mode_unless_the_person_says_otherwise,
    })),
    openTasks: known?.open_tasks ?? [],
    waiting: readWaiting(known?.waiting_for_the_person ?? []),
    summary: dataIn(SUMMARY, z.string(), text)?.trim() ?? '',
  };
}
