import * as z from 'zod/mini';
import { type Reply, type Round, parsed, say } from '../wire.ts';
import { type Attached, listed } from './attached.ts';
import type { Conversation } from './conversation.ts';
import { isOver, meant } from './tasks.ts';
import { failureOf, roundOf, use } from './tool-use.ts';
import { type Work, worksOf } from './work.ts';

const Told = z.object({
  title: z.string(),
  status: z.string(),
  repository: z.string(),
  last_step: z.optional(z.string()),
  pull_request: z.optional(z.object({ number: z.number(), url: z.string() })),
});
const Listed = z.object({ tasks: z.array(Told) });
function lineOf({ title, repository, status, last_step, pull_request }: z.infer<typeof Told>) {
  const step = last_step === undefined || isOver({ status }) ? '' : `, at “${last_step}”`;
  const pull = pull_request === undefined ? '' : `, [#${pull_request.number}](${pull_request.url})`;
  return `**${title}** in ${repository}: ${status}${step}${pull}`;
}

const listOf = (tasks: readonly z.infer<typeof Told>[]) =>
  tasks.map((task) => `\n- ${lineOf(task)}`).join('');

function begin(works: readonly Work[], files: readonly Attached[]): Reply {
  if (works.length === 0) return say('All of it was started.');
  const given = files.length === 0 ? {} : { attachments: files.map(({ id }) => id) };
  return use(
    files.length === 0 ? '' : `I have ${listed(files)}.`,
    ...works.map((input) => ({ name: 'start_task' as const, input: { ...input, ...given } })),
  );
}

/** What came of the starts: what the cards below do not say themselves. */
function startedText(rounds: readonly Round[]): string {
  const failed = rounds.flatMap((round) => {
    const { title, repository } = round.input;
    const failure = failureOf(round);
    return failure === null ? [] : [`I could not start **${title}** in ${repository}: ${failure}`];
  });
  const started = rounds.filter((round) => failureOf(round) === null);
  const plans = started.filter(({ input }) => input['mode'] === 'plan').length;
  const first = plans === 0 ? '' : ', with a plan first that you approve';
  const all = started.length === 1 ? 'On it' : `On it, as ${started.length} tasks`;
  return [...(started.length === 0 ? [] : [`${all}${first}.`]), ...failed].join('\n\n');
}

/** Starts each piece of work once. After an answer that was cut off, the list tells what is missing. */
export function startReply({ words, context, rounds, again, attached }: Conversation): Reply {
  const works = worksOf(words, context);
  const starts = rounds.filter(({ name }) => name === 'start_task');
  if (starts.length > 0) return say(startedText(starts));
  if (!again) return begin(works, attached);
  const list = parsed(Listed, roundOf(rounds, 'list_tasks')?.result)?.tasks;
  if (list === undefined) return use('Let me see.', { name: 'list_tasks', input: {} });
  return begin(
    works.filter(({ title }) => list.every((task) => task.title !== title)),
    attached,
  );
}

/** How it is going: the task that the words name, those that are open, or what was last. */
export function statusReply(about: string, { rounds }: Conversation): Reply {
  const round = roundOf(rounds, 'list_tasks');
  if (round === undefined) return use('', { name: 'list_tasks', input: {} });
  const tasks = parsed(Listed, round.result)?.tasks ?? [];
  const [named] = meant(about, tasks);
  if (named !== undefined) return say(`${lineOf(named)}.`);
  const open = tasks.filter((task) => !isOver(task));
  if (open.length > 0) return say(`${open.length} open:${listOf(open)}`);
  const lately = listOf(tasks.slice(0, 3)) || ' nothing.';
  return say(failureOf(round) ?? `Nothing is running. Lately:${lately}`);
}
