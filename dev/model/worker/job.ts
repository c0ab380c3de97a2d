import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as z from 'zod/mini';
import { type Change, type Values, filled, readPatch } from './patch.ts';

/** Beside the demo repositories, and in none of them. */
const JOBS_FOLDER = fileURLToPath(new URL('../../demo/jobs', import.meta.url));

const Step = z.union([
  z.object({ read: z.string(), say: z.string() }),
  /** A command; `before` leaves it out once a change that follows is there. */
  z.object({ run: z.string(), say: z.string(), before: z.optional(z.boolean()) }),
  /** A patch of the folder; `when` names a value without which it is left out. */
  z.object({ apply: z.string(), say: z.string(), when: z.optional(z.string()) }),
]);

/** `job.json`: a piece of work that this model knows how to do. Texts and patches hold values as `{{name}}`. */
const Manifest = z.object({
  /** The demo repository that it is for, and words that ask for it there. */
  demo: z.string(),
  task: z.string(),
  /** All of these patterns are in a task that asks for it. */
  asks: z.array(z.string()),
  /** One line: the commit's subject and the pull request's title. */
  title: z.string(),
  /** What changed for those who use it, in one sentence of Markdown. */
  headline: z.string(),
  why: z.string(),
  values: z.optional(z.record(z.string(), z.string())),
  /** What the task, an answer (`question answer`) or a remark decides: values of its own, `$1` from the pattern. */
  choices: z.optional(
    z.array(z.object({ words: z.string(), set: z.record(z.string(), z.string()) })),
  ),
  /** Asked before there is a plan, as Claude Code's AskUserQuestion takes them. */
  questions: z.optional(
    z.array(
      z.object({
        question: z.string(),
        header: z.string(),
        multiSelect: z.boolean(),
        options: z.array(z.object({ label: z.string(), description: z.string() })),
      }),
    ),
  ),
  /** What the plan offers instead, as Markdown. */
  alternatives: z.optional(z.array(z.string())),
  steps: z.array(Step),
});

export type Job = z.infer<typeof Manifest> & { patches: ReadonlyMap<string, Change[]> };

/** What is asked for, in the words of the person. */
export type Order = {
  task: string;
  /** Answers, each after its question. */
  answers: readonly string[];
  /** What the person said since, about a plan or the work, oldest first. */
  remarks: readonly string[];
  /** The plan's alternative that was picked; empty when none was. */
  picked: string;
};

function readJob(folder: string): Job {
  const text = (name: string) => readFileSync(`${folder}/${name}`, 'utf8');
  const patches = readdirSync(folder).filter((name) => name.endsWith('.patch'));
  return {
    ...Manifest.parse(JSON.parse(text('job.json'))),
    patches: new Map(patches.map((name) => [name, readPatch(text(name))])),
  };
}

/** The last one asks for nothing: it is for whatever no other knows. */
export const JOBS: readonly Job[] = readdirSync(JOBS_FOLDER)
  .map((name) => readJob(`${JOBS_FOLDER}/${name}`))
  .toSorted((one, other) => Number(one.asks.length === 0) - Number(other.asks.length === 0));

/** The first job that the words ask for and whose files are there. */
export function jobFor(task: string, paths: ReadonlySet<string>): Job {
  const job = JOBS.find(({ asks, patches }) => {
    const changes = [...patches.values()].flat();
    const fits = changes.every(({ creates, path }) => creates || paths.has(path));
    return fits && asks.every((pattern) => new RegExp(pattern, 'i').test(task));
  });
  if (job === undefined) throw new Error('There is no job for everything else.');
  return job;
}

/** True when the job itself does what a remark asks for. */
export function isChoice({ choices = [] }: Job, remark: string): boolean {
  return choices.some(({ words }) => new RegExp(words, 'i').test(remark));
}

const TITLE_MAX_CHARS = 60;

/** What was decided, the latest word last. */
export function valuesOf({ values, choices = [] }: Job, order: Order): Values {
  const request =
    order.task
      .trim()
      .split('\n')[0]
      ?.replace(/[.!]+$/, '') ?? '';
  const short =
    request.length <= TITLE_MAX_CHARS
      ? request
      : `${request.slice(0, TITLE_MAX_CHARS).replace(/\s+\S*$/, '')} …`;
  const slug =
    short
      .toLowerCase()
      .match(/[a-z0-9]+/g)
      ?.join('-') ?? 'note';
  const decided: Record<string, string> = { request, short, slug, ...values };
  for (const words of [order.task, ...order.answers, ...order.remarks, order.picked]) {
    for (const choice of choices) {
      const [match, first = ''] = new RegExp(choice.words, 'i').exec(words) ?? [];
      if (match === undefined) continue;
      for (const [name, value] of Object.entries(choice.set)) {
        decided[name] = value.replaceAll('$1', () => first);
      }
    }
  }
  return decided;
}

/** What is said of the work, with its values. */
export type Texts = Pick<Job, 'title' | 'headline' | 'why'>;

export function textsOf({ title, headline, why }: Job, values: Values): Texts {
  return {
    title: filled(title, values),
    headline: filled(headline, values),
    why: filled(why, values),
  };
}

/** One thing to see to. */
export type Stage =
  | { is: 'read'; path: string; say: string }
  | { is: 'run'; command: string; say: string; before: boolean }
  | { is: 'change'; change: Change; say: string };

/** The steps, a change each, with what is said before it. */
export function stagesOf({ steps, patches }: Job, values: Values): Stage[] {
  return steps.flatMap((step): Stage[] => {
    if ('read' in step) return [{ is: 'read', path: step.read, say: step.say }];
    if ('run' in step) {
      const { run, say, before = false } = step;
      return [{ is: 'run', command: filled(run, values), say, before }];
    }
    if (step.when !== undefined && values[step.when] === '') return [];
    const changes = patches.get(filled(step.apply, values)) ?? [];
    return changes.map((change, at) => ({
      is: 'change',
      change: { ...change, path: filled(change.path, values) },
      say: at === 0 ? step.say : '',
    }));
  });
}
