import type { ToolCall } from '../../../worker/thread/tools.ts';
import { escaped } from '../product-words.ts';
import { type Reply, say } from '../wire/reply.ts';
import type { Asked, Context, Waiting } from './context.ts';
import type { Conversation } from './conversation.ts';
import { meant } from './tasks.ts';
import { once } from './tool-use.ts';
import { isWork } from './work.ts';

/** What the person decides about a task that waits: a call, or a question back. */
export type Decision = { is: 'call'; call: ToolCall; done: string } | { is: 'ask'; text: string };

const APPROVE =
  /^(?:(?:yes|ok(?:ay)?|great|good|fine),?\s*)*(?:approve[ds]?\b|lgtm\b|looks good|sounds good|go ahead|ship it|do it\b|go for it|that'?s fine|yes\b|\u{1F44D})/iu;
const REJECT = /^(?:reject\b|drop (?:the plan|it)\b|no,? (?:thanks|don'?t|forget it)|forget it)/i;
const CHANGE =
  /^(?:(?:please )?(?:change|revise|adapt) the plan(?: for .{1,60}?)?\s*(?:[:,]|so that|to)\s*|but\s+|instead,?\s+)/i;
/** Words that lead up to what is said to a task. */
const TO_TASK =
  /^(?:please )?(?:tell|ask|answer|let) (?:the )?(.+?)(?: (?:task|one|job|worker))?(?:\s+to|\s+that|\s*[:,])\s+([\s\S]+)$/i;

const names = (words: string, label: string) =>
  new RegExp(`(?<![\\p{L}\\p{N}])${escaped(label)}(?![\\p{L}\\p{N}])`, 'iu').test(words);

/** The options that the words name; all of them where several may be chosen. */
function chosenIn(words: string, { options, several }: Asked): string[] {
  if (several && /\b(?:all|everything)\b/i.test(words)) return options;
  return options.filter((label) => names(words, label)).slice(0, several ? undefined : 1);
}

function answerTo(words: string, waiting: Waiting, isAddressed: boolean): Decision | null {
  const { id, title, questions } = waiting;
  const chosen = questions.map((one) => chosenIn(words, one));
  const open = questions.filter((_, place) => chosen[place]?.length === 0);
  if (open.length === questions.length && !isAddressed) return null;
  const isFree = open.length === 1 && questions.length === 1;
  if (open.length > 0 && !isFree) {
    const lines = open.map((one) => `- ${one.question} (${one.options.join(', ')})`);
    return { is: 'ask', text: `And for **${title}**:\n${lines.join('\n')}` };
  }
  const answers = chosen.map((labels) => ({ chosen: labels, ...(isFree && { other: words }) }));
  const told = isFree ? words : chosen.map((labels) => labels.join(', ')).join('; ');
  return {
    is: 'call',
    call: { name: 'answer_question', input: { task_id: id, answers } },
    done: `Answered **${title}**: ${told}.`,
  };
}

function verdictOn(words: string, waiting: Waiting, isAddressed: boolean): Decision | null {
  const { id, title, alternatives } = waiting;
  const decide = (
    verdict: Omit<Extract<ToolCall, { name: 'decide_plan' }>['input'], 'task_id'>,
    done: string,
  ): Decision => ({
    is: 'call',
    call: { name: 'decide_plan', input: { task_id: id, ...verdict } },
    done,
  });
  if (REJECT.test(words)) {
    return decide({ verdict: 'reject' }, `Rejected the plan of **${title}**; the task has ended.`);
  }
  const alternative = alternatives.find((label) => names(words, label));
  const isApproved = APPROVE.test(words);
  const but = isApproved ? /[,;.]\s*but\s+([\s\S]+)$/i.exec(words)?.[1] : undefined;
  const change = CHANGE.test(words) ? words.replace(CHANGE, '') : but;
  const isChange = isAddressed && !isApproved && alternative === undefined;
  const text = change ?? (isChange ? words : undefined);
  if (text !== undefined) {
    return decide({ verdict: 'changes', text }, `Asked **${title}** to change its plan: “${text}”`);
  }
  if (!isApproved && alternative === undefined) return null;
  return decide(
    { verdict: 'approve', ...(alternative !== undefined && { alternative }) },
    `Approved: **${title}** sets to work${alternative === undefined ? '' : ` (${alternative})`}.`,
  );
}

/** What the words decide about a task that waits; null when they are about something else. */
export function decisionOf(
  message: string,
  { waiting }: Pick<Context, 'waiting'>,
): Decision | null {
  const [, about, said] = TO_TASK.exec(message) ?? [];
  const named = meant(
    about ?? message,
    waiting.map((one) => ({ ...one, repository: '' })),
  );
  if (about !== undefined && named.length === 0) return null;
  const isVerdict = [CHANGE, APPROVE, REJECT].some((pattern) => pattern.test(message));
  if (about === undefined && !isVerdict && isWork(message)) return null;
  const candidates = named.length > 0 ? named.slice(0, 1) : waiting;
  const decided = candidates.flatMap((one) => {
    const decide = one.questions.length > 0 ? answerTo : verdictOn;
    return decide(said ?? message, one, about !== undefined) ?? [];
  });
  if (decided.length < 2) return decided[0] ?? null;
  const titles = candidates.map(({ title }) => `**${title}**`).join(' or ');
  return { is: 'ask', text: `Which task do you mean: ${titles}?` };
}

export function decisionReply(decision: Decision, talk: Conversation): Reply {
  return decision.is === 'ask' ? say(decision.text) : once(talk, decision.call, decision.done);
}
