// Rebuilds what lost everything from Postgres, and fills an empty Postgres from what is there:
// `npm run rebuild -- conversation`, `npm run rebuild -- task <id>`, `npm run refill`.
import * as z from 'zod/mini';
import { TaskId } from '../protocol/ids.ts';
import { RebuildAnswer, RefillAnswer, type RebuildRequest } from '../protocol/rebuild.ts';
import { WHERE, mainloopUrl, postMainloop } from './ask-mainloop.ts';

const USAGE = `npm run rebuild -- conversation   an empty conversation, from Postgres
npm run rebuild -- task <id>      an empty task, from Postgres
npm run refill                    an empty Postgres, from the conversation and its tasks

${WHERE}
Each person does so for what is theirs.`;

/** What is not in the answer of a refill, for whoever reads it. */
const REFILL_ENDS =
  'They arrive within seconds while Postgres is there. Of the calls of the conversation’s own model each day’s cost arrives, as one row; those of tasks arrive one by one.';

/** @returns the sentence to print, and whether it was done. */
async function rebuild(url: string, request: RebuildRequest) {
  const { is, text } = RebuildAnswer.parse(await postMainloop(url, '/api/rebuild', request));
  return { done: is === 'rebuilt', text };
}

async function refill(url: string) {
  const sum = { rows: 0, tasks: 0 };
  for (let after: string | null = null, more = true; more;) {
    const answer: RefillAnswer = RefillAnswer.parse(
      await postMainloop(url, '/api/refill', { after }),
    );
    sum.rows += answer.rows;
    sum.tasks += answer.tasks;
    after = answer.next;
    more = after !== null;
  }
  const text = `${sum.rows} rows are on their way to Postgres, of the conversation and ${sum.tasks} tasks. ${REFILL_ENDS}`;
  return { done: true, text };
}

const Arguments = z.union([
  z.tuple([z.literal('refill')]),
  z.tuple([z.literal('rebuild'), z.literal('conversation')]),
  z.tuple([z.literal('rebuild'), z.literal('task'), z.string()]),
]);

/** Does what the arguments say. @returns whether it was done, and what to print. */
async function historyCommand(
  given: readonly string[],
  url: string,
): Promise<{ done: boolean; text: string }> {
  const parsed = Arguments.safeParse(given);
  if (!parsed.success) return { done: false, text: USAGE };
  const [command, what, taskId = ''] = parsed.data;
  if (command === 'refill') return refill(url);
  if (what === 'task' && !TaskId.safeParse(taskId).success) {
    const text = `"${taskId}" is no id of a task. The address of a task's page ends with it.`;
    return { done: false, text };
  }
  return rebuild(url, what === 'task' ? { what, taskId } : { what: 'conversation' });
}

if (import.meta.main) {
  try {
    const { done, text } = await historyCommand(process.argv.slice(2), mainloopUrl());
    if (done) console.log(text);
    else console.error(text);
    process.exit(done ? 0 : 1);
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    process.exit(1);
  }
}
