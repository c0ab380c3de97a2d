import * as z from 'zod/mini';
import { type Reply, type Round, parsed, say } from '../wire.ts';
import type { Conversation } from './conversation.ts';
import { isOver, meant } from './tasks.ts';
import { failureOf, roundOf, use } from './tool-use.ts';
import { type Work, titleOf, worksOf } from './work.ts';

const Told = z.object({
  title: z.string(),
  status: z.string(),
  repository: z.string(),
  last_step: z.optional(z.string()),
  pull_request: z.optional(z.object({ number: z.number(), url: z.string() })),
});
const Listed = z.object({ tasks: z.array(Told) });
const Started = z.object({
  model: z.string(),
  waits_in_queue: z.optional(z.object({ position: z.number() })),
});

function lineOf({ title, repository, status, last_step, pull_request }: z.infer<typeof Told>) {
  const step = last_step === undefined || isOver({ status }) ? '' : `, at “${last_step}”`;
  const pull = pull_request === undefined ? '' : `, [#${pull_request.number}](${pull_request.url})`;
  return `**${title}** in ${repository}: ${status}${step}${pull}`;
}

const listOf = (tasks: readonly z.infer<typeof Told>[]) =>
  tasks.map((task) => `\n- ${lineOf(task)}`).join('');

function begin([first, ...more]: readonly Work[]): Reply {
  if (first === undefined) return say('All of it was started.');
  const { title, repository } = first;
  const what = more.length > 0 ? `, as ${more.length + 1} tasks` : `: ${title}, in ${repository}`;
  const calls = [first, ...more].map((input) => ({ name: 'start_task' as const, input }));
  return use(`On it${what}.`, ...calls);
}

/** What came of one start, in a sentence or two. */
function startedText(round: Round): string {
  const { title, repository, mode } = round.input;
  const failure = failureOf(round);
  if (failure !== null) return `I could not start **${title}** in ${repository}: ${failure}`;
  const { model = '', waits_in_queue: queue } = parsed(Started, round.result) ?? {};
  const started = `Started **${title}** in ${repository} with ${titleOf(model)}`;
  const waits = queue === undefined ? '' : ` It is number ${queue.position} in line.`;
  return `${started}${mode === 'plan' ? ', with a plan first' : ''}.${waits}`;
}

/** Starts each piece of work once. After an answer that was cut off, the list tells what is missing. */
export function startReply({ words, context, rounds, again }: Conversation): Reply {
  const works = worksOf(words, context);
  const told = rounds.filter(({ name }) => name === 'start_task').map(startedText);
  if (told.length > 0) return say(told.join('\n\n'));
  if (!again) return begin(works);
  const list = parsed(Listed, roundOf(rounds, 'list_tasks')?.result)?.tasks;
  if (list === undefined) return use('Let me see.', { name: 'list_tasks', input: {} });
  return begin(works.filter(({ title }) => list.every((task) => task.title !== title)));
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
