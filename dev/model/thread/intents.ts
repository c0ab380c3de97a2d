import * as z from 'zod/mini';
import { WorkerModel } from '../../../protocol/model.ts';
import { Mending } from '../../../protocol/task-command.ts';
import { type ModelCall, type Reply, parsed, say } from '../wire.ts';
import { attachedReply } from './attached.ts';
import { type Conversation, readConversation } from './conversation.ts';
import { decision } from './decisions.ts';
import { noticeReply } from './notice.ts';
import * as phrases from './phrases.ts';
import { recall } from './recall.ts';
import { startReply, statusReply } from './start.ts';
import { theOne } from './tasks.ts';
import { type ToolCall, failureOf, once, roundOf, use } from './tool-use.ts';
import { isWork } from './work.ts';

/** Something that the person may want; `replyTo` gives null when the words are about something else. */
type Intent = { is: string; replyTo(talk: Conversation): Reply | null };

function spoken(
  is: string,
  pattern: RegExp,
  reply: (talk: Conversation, found: RegExpExecArray) => Reply,
): Intent {
  const replyTo = (talk: Conversation) => {
    const found = pattern.exec(talk.words);
    return found === null ? null : reply(talk, found);
  };
  return { is, replyTo };
}

/** The same, where the words ask for no work. */
function butNoWork(...[is, pattern, reply]: Parameters<typeof spoken>): Intent {
  const { replyTo } = spoken(is, pattern, reply);
  return { is, replyTo: (talk) => (isWork(talk.words) ? null : replyTo(talk)) };
}

type Groups = Partial<Record<string, string>>;

/** A wish about the open task that the words name: a call, and what is said when it is done. */
function action(
  is: string,
  pattern: RegExp,
  callFor: (taskId: string, groups: Groups) => ToolCall,
  done: (title: string, groups: Groups) => string,
): Intent {
  return spoken(is, pattern, (talk, { groups = {} }) => {
    const { openTasks } = talk.context;
    const about = groups['about']?.replace(/^(?:it|them|that|this|him|her)$/i, '') ?? '';
    const task = theOne(about, openTasks);
    if (task !== null) {
      return once(talk, callFor(task.id, groups), done(`**${task.title}**`, groups));
    }
    const list = openTasks.map(({ title, status }) => `\n- **${title}**: ${status}`).join('');
    return say(`I do not know which task you mean. Open tasks:${list || ' none.'}`);
  });
}

const plain = (name: 'cancel_task' | 'interrupt_task' | 'merge_task') => (task_id: string) => ({
  name,
  input: { task_id },
});
const message = (task_id: string, text = '', attachments?: string[]) =>
  ({
    name: 'message_task',
    input: { task_id, text, ...(attachments !== undefined && { attachments }) },
  }) as const;

const HELP =
  'Tell me what should be different in a repository, and a worker does it in a sandbox and comes back with a draft pull request. Ask how it is going, change your mind on the way, or cancel it. For example:\n- Add a --json flag to the list command\n- Add an export command\n- Add dark mode to the site\n\nI am the offline model of the local stack; to talk to the real one, put ANTHROPIC_API_KEY into .dev.vars and start anew.';
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

/** A second thought about the task that is at work. */
function afterthought(talk: Conversation): Reply | null {
  const [task, ...more] = talk.context.openTasks.filter(({ status }) => status !== 'In review');
  const isOne = phrases.AFTERTHOUGHT.test(talk.words) && more.length === 0;
  if (task === undefined || !isOne) return null;
  const ids = talk.attached.map(({ id }) => id);
  const told = message(task.id, talk.words, ids.length === 0 ? undefined : ids);
  return once(talk, told, `Told **${task.title}**: “${talk.words}”`);
}

/** A question about what was said; how work is going is another one. */
function recalled(talk: Conversation): Reply | null {
  const isOfWork = phrases.STATUS.test(talk.words) && phrases.OF_WORK.test(talk.words);
  return phrases.RECALL.test(talk.words) && !isOfWork ? recall(talk) : null;
}

const mended = (groups: Groups): Mending =>
  Mending.options.find((what) => groups[what] !== undefined) ?? 'checks';

const cancelled = (title: string) => `Cancelled: ${title}. What it had done so far stays.`;
const interrupted = (title: string) => `Interrupted ${title}. Say how it shall go on.`;

/** Earlier ones win. */
const INTENTS: readonly Intent[] = [
  action('cancel', phrases.CANCEL, plain('cancel_task'), cancelled),
  action('interrupt', phrases.INTERRUPT, plain('interrupt_task'), interrupted),
  action('merge', phrases.MERGE, plain('merge_task'), (title) => `Merging ${title}.`),
  action(
    'mend',
    phrases.MEND,
    (task_id, groups) => ({ name: 'mend_task', input: { task_id, what: mended(groups) } }),
    (title, groups) => `${title} is back with its worker, for its ${mended(groups)}.`,
  ),
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
  butNoWork('setting', phrases.PARALLEL, (talk, [, count = '']) => {
    const place = NUMBERS.indexOf(count.toLowerCase());
    const parallel = place === -1 ? Number(count) : place;
    const done = `At most ${parallel} tasks work at once from now on.`;
    return once(talk, { name: 'set_limits', input: { parallel } }, done);
  }),
  butNoWork('setting', phrases.BUDGET, (talk, [, task, dollars]) => {
    const limit = Number(dollars);
    const input = task === undefined ? { day_budget: limit } : { task_budget: limit };
    const what = task === undefined ? 'A day' : 'Each new task';
    return once(talk, { name: 'set_limits', input }, `${what} may cost $${limit}.`);
  }),
  butNoWork('setting', phrases.NOTE, (talk, [, text = '']) => {
    const done = `Noted: ${text}. It stands in the settings, and every worker is told.`;
    return once(talk, { name: 'remember', input: { text } }, done);
  }),
  { is: 'decision', replyTo: decision },
  action(
    'steer',
    phrases.TELL,
    (id, { text }) => message(id, text),
    (title, { text }) => `Told ${title}: “${text}”`,
  ),
  { is: 'steer', replyTo: afterthought },
  butNoWork('help', phrases.HELP, () => say(HELP)),
  spoken('status', phrases.LIST_TASKS, (talk) => statusReply('', talk)),
  butNoWork('repositories', phrases.REPOSITORIES, repositories),
  { is: 'work', replyTo: (talk) => (isWork(talk.words) ? startReply(talk) : null) },
  { is: 'recall', replyTo: recalled },
  spoken('remember', phrases.REMEMBER, () => say('Noted. Ask me for it when you like.')),
  spoken('status', phrases.STATUS, (talk) => statusReply(talk.words, talk)),
  { is: 'attached', replyTo: ({ attached }) => attachedReply(attached) },
  spoken('thanks', phrases.THANKS, () => say('You are welcome.')),
  spoken('recall', /\?$/, recall),
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
