import { type Reply, call, say } from '../wire/reply.ts';
import type { ModelCall, Round } from '../wire/request.ts';
import { afterStart, afterTools, tasksIn } from './after-tools.ts';
import { type Conversation, readConversation } from './conversation.ts';
import { type Intent, intentOf } from './intent.ts';
import { actOn, decisionReply } from './decisions.ts';
import { noticeReply } from './notice.ts';
import { bestAnswer, keywords, recalled } from './recall.ts';
import { settingReply } from './settings.ts';
import { lineOf } from './tasks.ts';
import type { Work } from './work.ts';

const OFFLINE =
  'I am the offline model of the local stack; set ANTHROPIC_API_KEY to talk to the real one.';
const EXAMPLES =
  '- Add a --json flag to the list command\n- Fix done when the number is out of range\n- Add dark mode to the site';
const OTHER_NUMBERS = ['', 'one', 'two', 'three', 'four', 'five'];

function startWork(works: readonly Work[]): Reply {
  const calls = works.map((work) => ({ name: 'start_task', input: { ...work } }));
  const [first] = works;
  if (works.length === 1 && first !== undefined) {
    return { text: `On it: ${first.title}, in ${first.repository}.`, calls };
  }
  const count = OTHER_NUMBERS[works.length] ?? String(works.length);
  return { text: `On it, as ${count} tasks.`, calls };
}

/** Starts what the answer that was cut off has not started: the list of tasks tells. */
function startAgain(works: readonly Work[], rounds: readonly Round[]): Reply {
  if (rounds.some(({ name }) => name === 'start_task')) return afterStart(rounds);
  const listed = tasksIn(rounds);
  if (listed === null) return call('Let me see how far that went.', 'list_tasks');
  const missing = works.filter(({ title }) => !listed.some((task) => task.title === title));
  if (missing.length > 0) return startWork(missing);
  const started = listed.filter((task) => works.some(({ title }) => title === task.title));
  return say(started.map((task) => `${lineOf(task)}.`).join('\n\n'));
}

/** Answers from what is at hand, or searches. */
function recall(question: string, { context, earlier }: Conversation): Reply {
  const said = [{ from: 'summary', text: context.summary }, ...earlier];
  const answer = bestAnswer(question, said);
  if (answer !== null) return say(recalled(answer));
  const query = keywords(question).join(' ');
  if (query === '') return say('Remind you of what? Give me a word of it, and I will look.');
  return call('Let me look.', 'search_conversation', { query });
}

/** The first answer to what the person said. */
function firstReply(intent: Intent, conversation: Conversation): Reply {
  switch (intent.is) {
    case 'work':
      return startWork(intent.works);
    case 'status':
      return call('', 'list_tasks');
    case 'cancel':
      return call('Let me find it.', 'list_tasks');
    case 'steer':
      return call('I will pass it on.', 'list_tasks');
    case 'decision':
      return decisionReply(intent.decision, conversation.rounds);
    case 'interrupt':
      return actOn(
        'interrupt_task',
        intent.about,
        conversation.context,
        {},
        (title) => `Interrupted **${title}**. Its work is kept; say how it shall go on.`,
        conversation.rounds,
      );
    case 'merge':
      return actOn(
        'merge_task',
        intent.about,
        conversation.context,
        {},
        (title) => `Merging **${title}**.`,
        conversation.rounds,
      );
    case 'model':
      return actOn(
        'set_task_model',
        intent.about,
        conversation.context,
        { model: intent.model },
        (title) => `**${title}** uses ${intent.model} from its next turn on.`,
        conversation.rounds,
      );
    case 'raise':
      return actOn(
        'raise_budget',
        intent.about,
        conversation.context,
        { limit: intent.limit },
        (title) => `**${title}** may cost $${intent.limit} in all now, and goes on.`,
        conversation.rounds,
      );
    case 'setting':
      return settingReply(intent.setting, conversation.rounds);
    case 'repositories':
      return call('', 'list_repositories');
    case 'recall':
      return recall(intent.question, conversation);
    case 'remember':
      return say('Noted. Ask me for it whenever you like.');
    case 'help':
      return say(
        `Tell me what should be different in a repository, and a worker does it in a sandbox and comes back with a draft pull request. Ask how it is going, change your mind on the way, or cancel it.\n\nTry one of these:\n${EXAMPLES}\n\n${OFFLINE}`,
      );
    case 'greeting':
      return say(`Hello! What should be done? For example:\n${EXAMPLES}\n\n${OFFLINE}`);
    case 'thanks':
      return say('You are welcome.');
    case 'unclear':
      return say(
        `I did not understand that as work or as a question. ${OFFLINE} I do understand, for example:\n${EXAMPLES}`,
      );
  }
}

/** What the main thread's model says next. */
export function threadReply(request: ModelCall): Reply {
  const conversation = readConversation(request);
  if (conversation.notice !== null) return say(noticeReply(conversation.notice));
  const intent = intentOf(conversation.words, conversation.context);
  if (intent.is === 'work' && conversation.again)
    return startAgain(intent.works, conversation.rounds);
  // These know from their own rounds how far they are.
  const actsAlone = ['decision', 'interrupt', 'merge', 'model', 'raise', 'setting'].includes(
    intent.is,
  );
  return conversation.rounds.length === 0 || actsAlone
    ? firstReply(intent, conversation)
    : afterTools(intent, conversation.rounds);
}
