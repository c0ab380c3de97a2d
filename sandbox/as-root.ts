// What of a set-up only root sees and may do, where the sandbox is a machine of its own: run by `sudo`.
import { execFile } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import * as z from 'zod/mini';
import { Searched, filesWith } from './secret-search.ts';
import { endStartedSince } from './started-since.ts';

const PROGRAM = fileURLToPath(import.meta.url);
const ANSWER_MAX_BYTES = 100_000_000;

const Task = z.discriminatedUnion('do', [
  z.object({ do: z.literal('end'), since: z.number() }),
  z.object({
    do: z.literal('search'),
    files: z.array(z.string()),
    forms: z.array(z.string()),
    withinMs: z.number(),
  }),
]);
type Task = z.infer<typeof Task>;

/** What it is to do goes in by its input, which nobody can list. */
function asRoot<T extends z.ZodMiniType>(task: Task, answer: T): Promise<z.infer<T>> {
  return new Promise((resolve, reject) => {
    const options = { maxBuffer: ANSWER_MAX_BYTES, env: { PATH: process.env.PATH } };
    const child = execFile(
      'sudo',
      ['-n', process.execPath, PROGRAM],
      options,
      (error, stdout, stderr) => {
        if (error === null) resolve(answer.parse(JSON.parse(stdout)));
        else reject(new Error(`sudo: ${stderr.trim() || error.message}`));
      },
    );
    child.stdin?.on('error', () => {});
    child.stdin?.end(JSON.stringify(task));
  });
}

/** As `endStartedSince`, everybody's. */
export function rootEndsStartedSince(since: number): Promise<string[]> {
  return asRoot({ do: 'end', since }, z.array(z.string()));
}

/** As `filesWith`, whoever may read them. */
export function rootFindsFilesWith(
  files: string[],
  forms: string[],
  withinMs: number,
): Promise<Searched> {
  return asRoot({ do: 'search', files, forms, withinMs }, Searched);
}

if (process.argv[1] === PROGRAM) {
  const task = Task.parse(JSON.parse(await text(process.stdin)));
  const answer =
    task.do === 'end'
      ? await endStartedSince(task.since)
      : await filesWith(task.files, task.forms, task.withinMs);
  process.stdout.write(JSON.stringify(answer));
}
