import * as z from 'zod/mini';
import { WorkerModel } from '../../../protocol/model.ts';
import { type Reply, say } from '../wire/reply.ts';
import type { ModelCall } from '../wire/request.ts';
import { type Conversation, readConversation } from './conversation.ts';
import { decisionOf, decisionReply } from './decisions.ts';
import { noticeReply } from './notice.ts';
import {
  AFTERTHOUGHT,
  BUDGET,
  CANCEL,
  GREETING,
  HELP,
  INTERRUPT,
  LIST_TASKS,
  MERGE,
  NEXT_MODEL,
  NOTE,
  OF_WORK,
  PARALLEL,
  RAISE,
  RECALL,
  REMEMBER,
  REPOSITORIES,
  STATUS,
  TELL,
  THANKS,
} from './phrases.ts';
import { recall } from './recall.ts';
import { startReply, statusReply } from './start.ts';
import { act, answerOf, failureOf, once, roundOf, use } from './tool-use.ts';
import { isWork } from './work.ts';

/** Something that the person may want; `replyTo` gives null when the words are about something else. */
type Intent = { is: string; replyTo(talk: Conversation): (() => Reply) | null };

function intent<Found>(
  is: string,
  find: (talk: Conversation) => Found | null,
  reply: (found: Found, talk: Conversation) => Reply,
): Intent {
  const replyTo = (talk: Conversation) => {
    const found = find(talk);
    return found === null ? null : () => reply(found, talk);
  };
  return { is, replyTo };
}

const words = (pattern: RegExp) => (talk: Conversation) => pattern.exec(talk.words);
const wordsButNoWork = (pattern: RegExp) => (talk: Conversation) =>
  isWork(talk.words) ? null : pattern.exec(talk.words);
const asks = (talk: Conversation) => talk.words.endsWith('?');

const OFFLINE =
  'I am the offline model of the local stack; set ANTHROPIC_API_KEY to talk to the real one.';
const EXAMPLES =
  '- Add a --json flag to the list command\n- Fix done when the number is out of range\n- Add dark mode to the site';
const NUMBERS = ['zero', 'one', 'two', 'three', 'four', 'five', 'six'];
const Repositories = z.object({
  repositories: z.array(z.object({ repository: z.string(), description: z.nullable(z.string()) })),
});

const notIt = (about: string) => (/^(?:it|them|that|this|him|her)$/i.test(about) ? '' : about);

function steer(about: string, text: string, talk: Conversation): Reply {
  return act(
    talk,
    notIt(about),
    (task_id) => ({ name: 'message_task', input: { task_id, text } }),
    (title) => `Told ${title}: “${text}”`,
  );
}

function cancelAll(talk: Conversation): Reply {
  const told = talk.rounds.map((round) => failureOf(round)).filter((one) => one !== null);
  if (talk.rounds.length > 0) return say(['Cancelled all that was open.', ...told].join(' '));
  const calls = talk.context.openTasks.map(({ id }) => ({
    name: 'cancel_task' as const,
    input: { task_id: id },
  }));
  return calls.length === 0 ? say('No task is open.') : use('', ...calls);
}

function repositories(talk: Conversation): Reply {
  const round = roundOf(talk.rounds, 'list_repositories');
  if (round === undefined) return use('', { name: 'list_repositories', input: {} });
  const known = answerOf(Repositories, round)?.repositories ?? [];
  const lines = known.map((one) => `- **${one.repository}**: ${one.description ?? ''}`);
  if (lines.length > 0) return say(`I can work in:\n${lines.join('\n')}`);
  return say(failureOf(round) ?? 'There is no repository that I can write to.');
}

/** Earlier ones win. */
const INTENTS: readonly Intent[] = [
  intent('cancel', words(CANCEL), ([, about = ''], talk) =>
    /^(?:all|everything|both)\b/i.test(about)
      ? cancelAll(talk)
      : act(
          talk,
          notIt(about),
          (task_id) => ({ name: 'cancel_task', input: { task_id } }),
          (title) => `Cancelled: ${title}. What it had done so far stays.`,
        ),
  ),
  intent('model', words(NEXT_MODEL), ([, name = '', about = ''], talk) => {
    const model = WorkerModel.parse(name.toLowerCase());
    return act(
      talk,
      about,
      (task_id) => ({ name: 'set_task_model', input: { task_id, model } }),
      (title) => `${title} uses ${model} from its next turn on.`,
    );
  }),
  intent('interrupt', words(INTERRUPT), ([, about = ''], talk) =>
    act(
      talk,
      notIt(about),
      (task_id) => ({ name: 'interrupt_task', input: { task_id } }),
      (title) => `Interrupted ${title}. Its work is kept; say how it shall go on.`,
    ),
  ),
  intent('merge', words(MERGE), ([, about = ''], talk) =>
    act(
      talk,
      notIt(about),
      (task_id) => ({ name: 'merge_task', input: { task_id } }),
      (title) => `Merging ${title}.`,
    ),
  ),
  intent('raise', words(RAISE), ([, of = '', whose = '', dollars], talk) => {
    const limit = Number(dollars);
    return act(
      talk,
      of || whose,
      (task_id) => ({ name: 'raise_budget', input: { task_id, limit } }),
      (title) => `${title} may cost $${limit} in all now, and goes on.`,
    );
  }),
  intent('setting', wordsButNoWork(PARALLEL), ([, count = ''], talk) => {
    const place = NUMBERS.indexOf(count.toLowerCase());
    const parallel = place === -1 ? Number(count) : place;
    const done = `At most ${parallel} tasks work at once from now on.`;
    return once(talk, { name: 'set_limits', input: { parallel } }, done);
  }),
  intent('setting', wordsButNoWork(BUDGET), ([, task, dollars], talk) => {
    const limit = Number(dollars);
    const [input, done] =
      task === undefined
        ? [{ day_budget: limit }, `A day may cost $${limit}.`]
        : [{ task_budget: limit }, `Each new task may cost $${limit}.`];
    return once(talk, { name: 'set_limits', input }, done);
  }),
  intent('setting', wordsButNoWork(NOTE), ([, text = ''], talk) => {
    const done = `Noted: ${text}. It stands in the settings, and every worker is told.`;
    return once(talk, { name: 'remember', input: { text } }, done);
  }),
  intent('decision', (talk) => decisionOf(talk.words, talk.context), decisionReply),
  intent('steer', words(TELL), ([, about = '', text = ''], talk) => steer(about, text, talk)),
  intent(
    'steer',
    ({ words: said, context }) => {
      const atWork = context.openTasks.filter(
        ({ status }) => !['In review', 'Needs approval'].includes(status),
      );
      return AFTERTHOUGHT.test(said) && atWork.length === 1 ? (atWork[0] ?? null) : null;
    },
    ({ title }, talk) => steer(title, talk.words, talk),
  ),
  intent('help', words(HELP), () =>
    say(
      `Tell me what should be different in a repository, and a worker does it in a sandbox and comes back with a draft pull request. Ask how it is going, change your mind on the way, or cancel it.\n\nTry one of these:\n${EXAMPLES}\n\n${OFFLINE}`,
    ),
  ),
  intent('status', words(LIST_TASKS), (_, talk) => statusReply('', talk)),
  intent('repositories', wordsButNoWork(REPOSITORIES), (_, talk) => repositories(talk)),
  intent('greeting', wordsButNoWork(GREETING), () =>
    say(`Hello! What should be done? For example:\n${EXAMPLES}\n\n${OFFLINE}`),
  ),
  intent(
    'work',
    (talk) => (isWork(talk.words) && !(asks(talk) && RECALL.test(talk.words)) ? talk : null),
    startReply,
  ),
  intent(
    'remember',
    (talk) => (asks(talk) || RECALL.test(talk.words) ? null : REMEMBER.exec(talk.words)),
    () => say('Noted. Ask me for it whenever you like.'),
  ),
  intent(
    'recall',
    ({ words: said }) => (STATUS.test(said) && OF_WORK.test(said) ? null : RECALL.exec(said)),
    (_, talk) => recall(talk.words, talk),
  ),
  intent('status', words(STATUS), (_, talk) => statusReply(talk.words, talk)),
  intent('thanks', words(THANKS), () => say('You are welcome.')),
  intent('recall', words(/\?$/), (_, talk) => recall(talk.words, talk)),
  intent('unclear', words(/^/), () =>
    say(
      `I did not understand that as work or as a question. ${OFFLINE} I do understand, for example:\n${EXAMPLES}`,
    ),
  ),
];

/** What the words are understood as, and the answer to them. */
export function understood(talk: Conversation): { is: string; reply: Reply } {
  for (const { is, replyTo } of INTENTS) {
    const reply = replyTo(talk);
    if (reply !== null) return { is, reply: reply() };
  }
  throw new Error('The last intent takes everything.');
}

/** What the main thread's model says next. */
export function threadReply(request: ModelCall): Reply {
  const talk = readConversation(request);
  return talk.notice === null ? understood(talk).reply : say(noticeReply(talk.notice));
}
