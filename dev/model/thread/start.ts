import * as z from 'zod/mini';
import { type Reply, say } from '../wire/reply.ts';
import type { Round } from '../wire/request.ts';
import type { Conversation } from './conversation.ts';
import { isOver, meant } from './tasks.ts';
import { answerOf, failureOf, roundOf, use } from './tool-use.ts';
import { type Work, titleOf, worksOf } from './work.ts';

const Told = z.object({
  task_id: z.string(),
  title: z.string(),
  status: z.string(),
  repository: z.string(),
  last_step: z.optional(z.string()),
  pull_request: z.optional(z.object({ number: z.number(), url: z.string() })),
});
type Told = z.infer<typeof Told>;
const Listed = z.object({ tasks: z.array(Told) });
const Started = z.object({
  model: z.string(),
  waits_in_queue: z.optional(z.object({ position: z.number() })),
});

function lineOf({ title, repository, status, ...task }: Told): string {
  const step = task.last_step === undefined || isOver({ status }) ? '' : `, at “${task.last_step}”`;
  const pull = task.pull_request;
  const link = pull === undefined ? '' : `, [#${pull.number}](${pull.url})`;
  return `**${title}** in ${repository}: ${status}${step}${link}`;
}

const listOf = (tasks: readonly Told[]) => tasks.map((task) => `- ${lineOf(task)}`).join('\n');

function begin(works: readonly Work[]): Reply {
  const [first, ...more] = works;
  const text =
    more.length > 0
      ? `On it, as ${works.length} tasks.`
      : `On it: ${first?.title}, in ${first?.repository}.`;
  return use(text, ...works.map((input) => ({ name: 'start_task' as const, input })));
}

/** What came of one start, and what follows from it. */
function startedText(round: Round): { text: string; next: string } {
  const { title, repository, mode } = round.input;
  const failure = failureOf(round);
  if (failure !== null) {
    const where = failure.includes(String(repository)) ? '' : ` in ${repository}`;
    return { text: `I could not start **${title}**${where}: ${failure}`, next: '' };
  }
  const { model = '', waits_in_queue } = answerOf(Started, round) ?? {};
  const plans = mode === 'plan';
  const text = `Started **${title}** in ${repository} with ${titleOf(model)}${plans ? ', with a plan first' : ''}.`;
  if (waits_in_queue !== undefined) {
    return {
      text,
      next: ` It is number ${waits_in_queue.position} in line, and begins by itself.`,
    };
  }
  return {
    text,
    next: plans
      ? ' I will bring you its questions and its plan.'
      : ' It sets to work right away; I will say when its draft pull request is ready.',
  };
}

/** Starts each piece of work once. After an answer that was cut off, the list tells what is missing. */
export function startReply(talk: Conversation): Reply {
  const works = worksOf(talk.words, talk.context);
  const told = talk.rounds.filter(({ name }) => name === 'start_task').map(startedText);
  if (told.length === 1) return say(told.map(({ text, next }) => text + next).join(''));
  if (told.length > 1) {
    const next = told.some((one) => one.next !== '')
      ? '\n\nThey run side by side; I will say when each draft pull request is ready.'
      : '';
    return say(told.map(({ text }) => `- ${text}`).join('\n') + next);
  }
  if (!talk.again) return begin(works);
  const list = answerOf(Listed, roundOf(talk.rounds, 'list_tasks'));
  if (list === null) return use('Let me see how far that went.', { name: 'list_tasks', input: {} });
  const missing = works.filter(({ title }) => list.tasks.every((task) => task.title !== title));
  if (missing.length > 0) return begin(missing);
  return say(listOf(list.tasks.filter((task) => works.some(({ title }) => title === task.title))));
}

/** How it is going: the task that the words name, those that are open, or what was last. */
export function statusReply(about: string, { rounds }: Conversation): Reply {
  const round = roundOf(rounds, 'list_tasks');
  if (round === undefined) return use('', { name: 'list_tasks', input: {} });
  const list = answerOf(Listed, round);
  if (list === null) return say(`I could not read the list of tasks. ${failureOf(round) ?? ''}`);
  const [named] = meant(about, list.tasks);
  if (named !== undefined) return say(`${lineOf(named)}.`);
  const open = list.tasks.filter((task) => !isOver(task));
  if (open.length > 0) return say(`${open.length} open:\n${listOf(open)}`);
  if (list.tasks.length > 0)
    return say(`Nothing is running. Lately:\n${listOf(list.tasks.slice(0, 3))}`);
  return say('Nothing is running. Tell me what to do, and in which repository.');
}
