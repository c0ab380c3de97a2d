// What of a set-up only root sees, where the sandbox is a machine of its own: run by `asRoot`.
import { execFile } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import * as z from 'zod/mini';
import { endAllWith } from './left-running.ts';
import { filesWith } from './secret-search.ts';

const PROGRAM = fileURLToPath(import.meta.url);
const ANSWER_MAX_BYTES = 100_000_000;

const Task = z.discriminatedUnion('do', [
  /** As `endAllWith`. */
  z.object({ do: z.literal('end_all'), variable: z.string() }),
  /** As `filesWith`. */
  z.object({ do: z.literal('search'), files: z.array(z.string()), forms: z.array(z.string()) }),
]);
type Task = z.infer<typeof Task>;
const Names = z.array(z.string());

/** Does it as root, by way of sudo; what it is to do goes in by its input, which nobody can list. */
export function asRoot(task: Task): Promise<string[]> {
  return new Promise((resolve, reject) => {
    const options = { maxBuffer: ANSWER_MAX_BYTES, env: { PATH: process.env.PATH } };
    const child = execFile(
      'sudo',
      ['-n', process.execPath, PROGRAM],
      options,
      (error, stdout, stderr) => {
        if (error === null) resolve(Names.parse(JSON.parse(stdout)));
        else reject(new Error(`sudo: ${stderr.trim() || error.message}`));
      },
    );
    child.stdin?.on('error', () => {});
    child.stdin?.end(JSON.stringify(task));
  });
}

if (process.argv[1] === PROGRAM) {
  const task = Task.parse(JSON.parse(await text(process.stdin)));
  const names =
    task.do === 'end_all'
      ? await endAllWith(task.variable)
      : await filesWith(task.files, task.forms);
  process.stdout.write(JSON.stringify(names));
}
