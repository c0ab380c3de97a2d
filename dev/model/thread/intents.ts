import * as z from 'zod/mini';
import { WorkerModel } from '../../../protocol/model.ts';
import { parsed } from '../wire/json.ts';
import { type Reply, say } from '../wire/reply.ts';
import type { ModelCall } from '../wire/request.ts';
import { type Conversation, readConversation } from './conversation.ts';
import { decision } from './decisions.ts';
import { noticeReply } from './notice.ts';
import * as phrases from './phrases.ts';
import { recall } from './recall.ts';
import { startReply, statusReply } from './start.ts';
import { type ToolCall, act, failureOf, once, roundOf, use } from './tool-use.ts';
import { isWork } from './work.ts';

/** Something that the person may want; `replyTo` gives null when the words are about something else. */
type Intent = { is: string; replyTo(talk: Conversation): Reply | null };

function intent<Found>(
  is: string,
  find: (talk: Conversation) => Found | null,
  reply: (found: Found, talk: Conversation) => Reply,
): Intent {
  const replyTo = (talk: Conversation) => {
    const found = find(talk);
    return found === null ? null : reply(found, talk);
  };
  return { is, replyTo };
}

const words = (pattern: RegExp) => (talk: Conversation) => pattern.exec(talk.words);
const wordsButNoWork = (pattern: RegExp) => (talk: Conversation) =>
  isWork(talk.words) ? null : pattern.exec(talk.words);

type Groups = Partial<Record<string, string>>;

/** A wish about one open task: a call, and what is said when it is done. */
function action(
  is: string,
  pattern: RegExp,
  callFor: (taskId: string, groups: Groups) => ToolCall,
  done: (title: string, groups: Groups) => string,
): Intent {
  return intent(is, words(pattern), ({ groups = {} }, talk) => {
    const call = (taskId: string) => callFor(taskId, groups);
    return act(talk, groups['about'] ?? '', call, (title) => done(title, groups));
  });
}

const plain = (name: 'cancel_task' | 'interrupt_task' | 'merge_task') => (task_id: string) => ({
  name,
  input: { task_id },
});
const message = (task_id: string, text = '') =>
  ({ name: 'message_task', input: { task_id, text } }) as const;

const HELP =
  'Tell me what should be different in a repository, and a worker does it in a sandbox and comes back with a draft pull request. Ask how it is going, change your mind on the way, or cancel it. For example:\n- Add a --json flag to the list command\n- Fix done when the number is out of range\n- Add dark mode to the site\n\nI am the offline model of the local stack; set ANTHROPIC_API_KEY to talk to the real one.';
const NUMBERS = ['zero', 'one', 'two', 'three', 'four', 'five', 'six'];
const Repositories = z.object({
  repositories: z.array(z.object({ repository: z.string(), description: z.nullable(z.string()) })),
});

function repositories(talk: Conversation): Reply {
  const round = roundOf(talk.rounds, 'list_repositories');
  if (round === undefined) return use('', { name: 'list_repositories', input: {} });
  const known = parsed(Repositories, round.result)?.repositories ?? [];
  const lines = known.map((one) => `\n- **${one.repository}**: ${one.description ?? ''}`);
  return say(failureOf(round) ?? `I can work in:${lines.join('') || ' nothing yet.'}`);
}

const cancelled = (title: string) => `Cancelled: ${title}. What it had done so far stays.`;
const interrupted = (title: string) => `Interrupted ${title}. Say how it shall go on.`;

/** Earlier ones win. */
const INTENTS: readonly Intent[] = [
  action('cancel', phrases.CANCEL, plain('cancel_task'), cancelled),
  action('interrupt', phrases.INTERRUPT, plain('interrupt_task'), interrupted),
  action('merge', phrases.MERGE, plain('merge_task'), (title) => `Merging ${title}.`),
  action(
    'model',
    phrases.NEXT_MODEL,
    (task_id, { model }) => {
      const input = { task_id, model: WorkerModel.parse(model?.toLowerCase()) };
      return { name: 'set_task_model', input };
    },
    (title, { model }) => `${title} uses ${model} from its next turn on.`,
  ),
  action(
    'raise',
    phrases.RAISE,
    (task_id, { limit }) => ({ name: 'raise_budget', input: { task_id, limit: Number(limit) } }),
    (title, { limit }) => `${title} may cost $${limit} in all now, and goes on.`,
  ),
  intent('setting', wordsButNoWork(phrases.PARALLEL), ([, count = ''], talk) => {
    const place = NUMBERS.indexOf(count.toLowerCase());
    const parallel = place === -1 ? Number(count) : place;
    const done = `At most ${parallel} tasks work at once from now on.`;
    return once(talk, { name: 'set_limits', input: { parallel } }, done);
  }),
  intent('setting', wordsButNoWork(phrases.BUDGET), ([, task, dollars], talk) => {
    const limit = Number(dollars);
    const input = task === undefined ? { day_budget: limit } : { task_budget: limit };
    const what = task === undefined ? 'A day' : 'Each new task';
    return once(talk, { name: 'set_limits', input }, `${what} may cost $${limit}.`);
  }),
  intent('setting', wordsButNoWork(phrases.NOTE), ([, text = ''], talk) => {
    const done = `Noted: ${text}. It stands in the settings, and every worker is told.`;
    return once(talk, { name: 'remember', input: { text } }, done);
  }),
  intent('decision', decision, (reply) => reply),
  action(
    'steer',
    phrases.TELL,
    (id, { text }) => message(id, text),
    (title, { text }) => `Told ${title}: “${text}”`,
  ),
  intent(
    'steer',
    ({ words: said, context }) => {
      const [task, ...more] = context.openTasks.filter(({ status }) => status !== 'In review');
      return phrases.AFTERTHOUGHT.test(said) && more.length === 0 ? (task ?? null) : null;
    },
    ({ id, title }, talk) =>
      once(talk, message(id, talk.words), `Told **${title}**: “${talk.words}”`),
  ),
  intent('help', wordsButNoWork(phrases.HELP), () => say(HELP)),
  intent('status', words(phrases.LIST_TASKS), (_, talk) => statusReply('', talk)),
  intent('repositories', wordsButNoWork(phrases.REPOSITORIES), (_, talk) => repositories(talk)),
  intent('work', (talk) => (isWork(talk.words) ? talk : null), startReply),
  intent(
    'recall',
    ({ words: said }) =>
      phrases.STATUS.test(said) && phrases.OF_WORK.test(said) ? null : phrases.RECALL.exec(said),
    (_, talk) => recall(talk),
  ),
  intent('remember', words(phrases.REMEMBER), () => say('Noted. Ask me for it when you like.')),
  intent('status', words(phrases.STATUS), (_, talk) => statusReply(talk.words, talk)),
  intent('thanks', words(phrases.THANKS), () => say('You are welcome.')),
  intent('recall', words(/\?$/), (_, talk) => recall(talk)),
];

/** What the words are understood as, and the answer to them. */
export function understood(talk: Conversation): { is: string; reply: Reply } {
  for (const { is, replyTo } of INTENTS) {
    const reply = replyTo(talk);
    if (reply !== null) return { is, reply };
  }
  return { is: 'unclear', reply: say(`I understood neither work nor a question in that. ${HELP}`) };
}

/** What the main thread's model says next. */
export function threadReply(request: ModelCall): Reply {
  const talk = readConversation(request);
  return talk.notice === null ? understood(talk).reply : say(noticeReply(talk.notice));
}
