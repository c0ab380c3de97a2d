import type { Job } from './job.ts';
import { type Change, type Values, filled } from './patch.ts';

/** What is asked for, in the words of the person. */
export type Order = {
  task: string;
  /** Answers, each after its question. */
  answers: readonly string[];
  /** What the person said since, about a plan or the work, oldest first. */
  remarks: readonly string[];
  /** The plan's alternative that was picked; empty when none was. */
  picked: string;
  /** Files that came with any of it. */
  files: readonly OrderedFile[];
};

/** A file that the person attached; `path` is where it is, absent where it could not be had. */
export type OrderedFile = { name: string; type: string; path?: string | undefined };

/** One thing to see to. */
export type Stage =
  | { is: 'read'; path: string; say: string }
  | { is: 'run'; command: string; say: string; before: boolean }
  | { is: 'change'; change: Change; say: string };

/** A job as it was ordered: its texts hold what was decided. */
export type Work = Job & { order: Order; values: Values; stages: Stage[] };

const TITLE_MAX_CHARS = 60;

/** What was decided, the latest word last. */
function valuesOf({ values, choices }: Job, order: Order): Values {
  const [request = ''] = order.task.split(/[.!]*\n/);
  const short = request.slice(0, TITLE_MAX_CHARS);
  const slug = short.toLowerCase().replace(/[^a-z0-9]+/g, '-');
  const said = [order.task, ...order.answers, ...order.remarks, order.picked];
  const decided = said.flatMap((text) =>
    choices.flatMap(({ words, set }) => {
      const [match, first = ''] = new RegExp(words, 'i').exec(text) ?? [];
      const made = match === undefined ? [] : Object.entries(set);
      return made.map(([name, value]) => [name, value.replaceAll('$1', () => first)]);
    }),
  );
  return { request, short, slug, ...values, ...Object.fromEntries(decided) };
}

/** The steps, a change each, with what is said before it. */
function stagesOf({ steps, patches }: Job, values: Values): Stage[] {
  return steps.flatMap((step): Stage[] => {
    if ('read' in step) return [{ is: 'read', path: step.read, say: step.say }];
    if ('run' in step) return [{ is: 'run', ...step, command: filled(step.run, values) }];
    if (step.when !== undefined && values[step.when] === '') return [];
    const changes = patches.get(filled(step.apply, values)) ?? [];
    return changes.map((change, at) => ({
      is: 'change',
      change: { ...change, path: filled(change.path, values) },
      say: at === 0 ? step.say : '',
    }));
  });
}

export function ordered(job: Job, order: Order): Work {
  const values = valuesOf(job, order);
  return {
    ...job,
    order,
    values,
    stages: stagesOf(job, values),
    title: filled(job.title, values),
    headline: filled(job.headline, values),
    why: filled(job.why, values),
  };
}
