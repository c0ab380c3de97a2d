import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as z from 'zod/mini';
import { type Change, readPatch } from './patch.ts';

/** Beside the demo repositories, and in none of them. */
const JOBS_FOLDER = fileURLToPath(new URL('../../demo/jobs', import.meta.url));

const Step = z.union([
  z.object({ read: z.string(), say: z.string() }),
  /** A command; `before` leaves it out once a change that follows is there. */
  z.object({ run: z.string(), say: z.string(), before: z._default(z.boolean(), false) }),
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
  values: z._default(z.record(z.string(), z.string()), {}),
  /** Values that the task, an answer (`question answer`) or a remark decides; `$1` is of the pattern. */
  choices: z._default(
    z.array(z.object({ words: z.string(), set: z.record(z.string(), z.string()) })),
    [],
  ),
  /** Asked before there is a plan, as Claude Code's AskUserQuestion takes them. */
  questions: z._default(z.array(z.looseObject({ question: z.string() })), []),
  /** What the plan offers instead, as Markdown. */
  alternatives: z._default(z.array(z.string()), []),
  steps: z.array(Step),
});

export type Job = z.infer<typeof Manifest> & { patches: ReadonlyMap<string, Change[]> };

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
export function jobFor(task: string, files: ReadonlyMap<string, unknown>): Job {
  const job = JOBS.find(({ asks, patches }) => {
    const changes = [...patches.values()].flat();
    const fits = changes.every(({ creates, path }) => creates || files.has(path));
    return fits && asks.every((pattern) => new RegExp(pattern, 'i').test(task));
  });
  if (job === undefined) throw new Error('There is no job for everything else.');
  return job;
}
