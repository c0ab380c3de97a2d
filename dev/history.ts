// Rebuilds what lost everything from Postgres, and fills an empty Postgres from what is there:
// `npm run rebuild -- conversation`, `npm run rebuild -- task <id>`, `npm run refill`.
import * as z from 'zod/mini';
import { Refused } from '../protocol/pages.ts';
import { RebuildAnswer, RefillAnswer, type RebuildRequest } from '../protocol/rebuild.ts';

const USAGE = `npm run rebuild -- conversation   an empty conversation, from Postgres
npm run rebuild -- task <id>      an empty task, from Postgres
npm run refill                    an empty Postgres, from the conversation and its tasks

MAINLOOP_URL           where Mainloop is (http://127.0.0.1:8787)
MAINLOOP_ACCESS_TOKEN  behind Cloudflare Access: what \`cloudflared access token -app=<url>\` prints
Each person does so for what is theirs.`;

/** What is not in the answer of a refill, for whoever reads it. */
const REFILL_ENDS =
  'They arrive within seconds while Postgres is there. Of the calls of the conversation’s own model each day’s cost arrives, as one row; those of tasks arrive one by one.';

async function post(url: string, path: string, body: unknown): Promise<unknown> {
  const token = process.env.MAINLOOP_ACCESS_TOKEN;
  const answer = await fetch(`${url}${path}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      origin: url,
      ...(token !== undefined && { 'cf-access-token': token }),
    },
    body: JSON.stringify(body),
    redirect: 'manual',
  });
  const read: unknown = await answer.json().catch(() => null);
  if (answer.ok) return read;
  const refused = Refused.safeParse(read);
  throw new Error(refused.success ? refused.data.text : `It answered with ${answer.status}.`);
}

/** @returns the sentence to print, and whether it was done. */
async function rebuild(url: string, request: RebuildRequest) {
  const { is, text } = RebuildAnswer.parse(await post(url, '/api/rebuild', request));
  return { done: is === 'rebuilt', text };
}

async function refill(url: string) {
  const sum = { rows: 0, tasks: 0 };
  for (let after: string | null = null, more = true; more;) {
    const answer: RefillAnswer = RefillAnswer.parse(await post(url, '/api/refill', { after }));
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
  return rebuild(url, what === 'task' ? { what, taskId } : { what: 'conversation' });
}

if (import.meta.main) {
  const url = (process.env.MAINLOOP_URL ?? 'http://127.0.0.1:8787').replace(/\/+$/, '');
  const { done, text } = await historyCommand(process.argv.slice(2), url).catch(
    (error: unknown) => ({ done: false, text: String(error) }),
  );
  console.log(text);
  process.exit(done ? 0 : 1);
}
