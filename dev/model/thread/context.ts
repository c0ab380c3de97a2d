import { KNOWN, type Known, SUMMARY } from '../product-words.ts';

/** What the main thread tells of how things stand, as far as it is there. */
export type Context = {
  repositories: Known['repositories'];
  openTasks: OpenTask[];
  /** Tasks that wait for an answer or a verdict. */
  waiting: Waiting[];
  /** The rolling summary; empty when there is none. */
  summary: string;
};

export type OpenTask = Known['open_tasks'][number];

export type Asked = { question: string; options: string[]; several_possible: boolean };

/** A line for each, with what may be chosen. */
export function questionLines(questions: readonly Pick<Asked, 'question' | 'options'>[]): string {
  return questions.map((one) => `\n- ${one.question} (${one.options.join(', ')})`).join('');
}

/** A task with its open questions, or with a plan that may offer alternatives. */
export type Waiting = { id: string; title: string; questions: Asked[]; alternatives: string[] };

function readWaiting(rows: Known['waiting_for_the_person']): Waiting[] {
  const tasks = Map.groupBy(rows, ({ task_id }) => task_id);
  return [...tasks].flatMap(([id, of]) => {
    const questions = of.filter((row) => 'question' in row);
    const plan = of.find((row) => 'alternatives' in row);
    const { title } = plan ?? questions[0] ?? {};
    const alternatives = plan?.alternatives ?? [];
    return title === undefined ? [] : { id, title, questions, alternatives };
  });
}

/** @param text the conversation's first user turn. */
export function readContext(text: string): Context {
  const [known] = KNOWN.read(text);
  return {
    repositories: known?.repositories ?? [],
    openTasks: known?.open_tasks ?? [],
    waiting: readWaiting(known?.waiting_for_the_person ?? []),
    summary: SUMMARY.read(text)[0]?.trim() ?? '',
  };
}
