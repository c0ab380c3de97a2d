import {
  LABELS_BETWEEN,
  PLAN_LINES,
  QUESTION_LINES,
  REPOSITORY_LINES,
  SUMMARY_HEADING,
  TASK_LINE,
} from '../product-words.ts';

/** What the system prompt of the main thread tells, as far as it is there. */
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

/** The groups of the first pattern that matches. */
function fieldsOf(line: string, ...patterns: RegExp[]): Record<string, string> | null {
  return patterns.map((one) => one.exec(line)?.groups).find((one) => one !== undefined) ?? null;
}

function readWaiting(lines: readonly string[]): Waiting[] {
  const tasks = new Map<string, Waiting>();
  for (const line of lines) {
    const several = fieldsOf(line, QUESTION_LINES.several);
    const asked = several ?? fieldsOf(line, QUESTION_LINES.one);
    const { id, title = '', question = '', labels } = asked ?? fieldsOf(line, ...PLAN_LINES) ?? {};
    if (id === undefined) continue;
    const options = labels?.split(LABELS_BETWEEN ?? '') ?? [];
    const task = tasks.get(id) ?? { id, title, questions: [], alternatives: [] };
    if (asked === null) task.alternatives = options;
    else task.questions.push({ question, options, several: several !== null });
    tasks.set(id, task);
  }
  return [...tasks.values()];
}

export function readContext(system: string): Context {
  const [state = '', summary = ''] = system.split(`${SUMMARY_HEADING}\n`);
  const lines = state.split('\n');
  const repositories = lines.flatMap((line) => {
    const known = REPOSITORY_LINES.find(({ pattern }) => pattern.test(line));
    const { name, about = '' } = known?.pattern.exec(line)?.groups ?? {};
    return name === undefined ? [] : [{ name, about, usual: known?.mode ?? null }];
  });
  const openTasks = lines.flatMap((line) => {
    const { id, title = '', status = '', repository = '' } = fieldsOf(line, TASK_LINE) ?? {};
    if (id === undefined) return [];
    // A place in the queue may follow the status, a pull request the repository.
    const [where = ''] = repository.split(' ');
    return [{ id, title, status: status.split(',')[0] ?? '', repository: where }];
  });
  return { repositories, openTasks, waiting: readWaiting(lines), summary: summary.trim() };
}
