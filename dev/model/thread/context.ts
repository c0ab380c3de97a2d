/** What the system prompt of the main thread tells, as far as it is there. */
export type Context = {
  repositories: { name: string; description: string; usual: 'plan' | 'direct' | null }[];
  openTasks: OpenTask[];
  /** Tasks that wait for an answer or a verdict. */
  waiting: Waiting[];
  /** The rolling summary; empty when there is none. */
  summary: string;
};

export type OpenTask = { id: string; title: string; status: string; repository: string };

/** A task with its open questions, or with a plan that may offer alternatives. */
export type Waiting = {
  taskId: string;
  title: string;
  questions: { question: string; options: string[]; several: boolean }[];
  alternatives: string[];
};

const QUESTION = /^- (\S+) (.+?): question \d+: (.+?) \[([^\]]*)\]( \(several possible\))?$/;
const PLAN = /^- (\S+) (.+?): plan \d+ waits for approval(?: \[([^\]]*)\])?$/;
const REPOSITORY = /^- (\S+\/\S+?)(?: \(default branch [^)]*\))?(?::\s*(.*))?$/;
const USUAL_MODE = /, mode (plan|direct) unless /;
const TASK = /^- (\S+) (.+) \[([^\],]+)[^\]]*\](?: (\S+))?(?: #\d+)?$/;

/** The lines after a heading that ends with a colon, up to an empty line or the next heading. */
function linesUnder(system: string, heading: RegExp): string[] {
  const lines = system.split('\n');
  const start = lines.findIndex((line) => heading.test(line));
  if (start < 0) return [];
  const rest = lines.slice(start + 1);
  const end = rest.findIndex((line, index) => index > 0 && !line.startsWith('- '));
  return (end < 0 ? rest : rest.slice(0, end)).map((line) => line.trim());
}

const options = (text: string | undefined) =>
  (text ?? '')
    .split(' | ')
    .map((label) => label.trim())
    .filter((label) => label !== '');

function readWaiting(system: string): Waiting[] {
  const tasks = new Map<string, Waiting>();
  for (const line of linesUnder(system, /^Waiting for the person:\s*$/)) {
    const [, id, title, question, labels, several] = QUESTION.exec(line) ?? [];
    if (id !== undefined && title !== undefined && question !== undefined) {
      const known = tasks.get(id) ?? { taskId: id, title, questions: [], alternatives: [] };
      const asked = { question, options: options(labels), several: several !== undefined };
      tasks.set(id, { ...known, questions: [...known.questions, asked] });
      continue;
    }
    const [, taskId, name, offered] = PLAN.exec(line) ?? [];
    if (taskId === undefined || name === undefined) continue;
    tasks.set(taskId, { taskId, title: name, questions: [], alternatives: options(offered) });
  }
  return [...tasks.values()];
}

export function readContext(system: string): Context {
  const repositories = linesUnder(system, /^Repositories\b.*:\s*$/).flatMap((line) => {
    const found = REPOSITORY.exec(line);
    if (found?.[1] === undefined) return [];
    const [, mode] = USUAL_MODE.exec(line) ?? [];
    const usual = (['plan', 'direct'] as const).find((one) => one === mode) ?? null;
    return [{ name: found[1], description: found[2] ?? '', usual }];
  });
  const openTasks = linesUnder(system, /^Open tasks\b.*:\s*$/).flatMap((line) => {
    const [, id, title, status, repository] = TASK.exec(line) ?? [];
    if (id === undefined || title === undefined || status === undefined) return [];
    return [{ id, title, status, repository: repository ?? '' }];
  });
  const summary = /^Summary of the conversation so far:\s*\n([\s\S]*)$/m.exec(system)?.[1] ?? '';
  return {
    repositories,
    openTasks,
    waiting: readWaiting(system),
    // What follows the summary under a heading of its own is no part of it.
    summary: (summary.split(/\n\n(?=[A-Z][^\n]{0,60}:\s*\n)/)[0] ?? '').trim(),
  };
}
