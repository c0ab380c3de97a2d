import { type Reply, say } from '../wire.ts';
import { type Asked, type Waiting, questionLines } from './context.ts';
import type { Conversation } from './conversation.ts';
import { APPROVE, CHANGE, REJECT, TELL } from './phrases.ts';
import { meant } from './tasks.ts';
import { type ToolCall, once } from './tool-use.ts';
import { isWork } from './work.ts';

type Verdict = Omit<Extract<ToolCall, { name: 'decide_plan' }>['input'], 'task_id'>;

const names = (words: string, label: string) =>
  new RegExp(`(?<![\\p{L}\\p{N}])${RegExp.escape(label)}(?![\\p{L}\\p{N}])`, 'iu').test(words);

/** The options that the words name; all of them where several may be chosen. */
function chosenIn(words: string, { options, several_possible: several }: Asked): string[] {
  if (several && /\b(?:all|everything)\b/i.test(words)) return options;
  return options.filter((label) => names(words, label)).slice(0, several ? undefined : 1);
}

/** @param isAddressed whether the words name the task, so that they are about nothing else. */
function answer(talk: Conversation, words: string, waiting: Waiting, isAddressed: boolean) {
  const { id, title, questions } = waiting;
  const chosen = questions.map((one) => chosenIn(words, one));
  const open = questions.filter((_, place) => chosen[place]?.length === 0);
  if (open.length === questions.length && !isAddressed) return null;
  const isFree = open.length === 1 && questions.length === 1;
  if (open.length > 0 && !isFree) {
    return say(`And for **${title}**:${questionLines(open)}`);
  }
  const answers = chosen.map((labels) => ({ chosen: labels, ...(isFree && { other: words }) }));
  const told = isFree ? words : chosen.map((labels) => labels.join(', ')).join('; ');
  const call: ToolCall = { name: 'answer_question', input: { task_id: id, answers } };
  return once(talk, call, `Answered **${title}**: ${told}.`);
}

function verdict(talk: Conversation, words: string, waiting: Waiting, isAddressed: boolean) {
  const { id, title, alternatives } = waiting;
  const decide = (decided: Verdict, done: string) =>
    once(talk, { name: 'decide_plan', input: { task_id: id, ...decided } }, done);
  if (REJECT.test(words)) return decide({ verdict: 'reject' }, `Rejected: **${title}**.`);
  const alternative = alternatives.find((label) => names(words, label));
  const isApproved = APPROVE.test(words) || alternative !== undefined;
  const [, but] = (isApproved && /[,;.]\s*but\s+([\s\S]+)$/i.exec(words)) || [];
  const change = CHANGE.test(words) ? words.replace(CHANGE, '') : but;
  const text = change ?? (isAddressed && !isApproved ? words : undefined);
  if (text !== undefined) {
    return decide({ verdict: 'changes', text }, `Asked **${title}** to change its plan: “${text}”`);
  }
  const picked = alternative === undefined ? {} : { alternative };
  const done = `Approved: **${title}** sets to work. ${alternative ?? ''}`;
  return isApproved ? decide({ verdict: 'approve', ...picked }, done.trim()) : null;
}

/** The answer to what the words decide about a task that waits; null when they are about something else. */
export function decision(talk: Conversation): Reply | null {
  const { words } = talk;
  const waiting = talk.context.waiting.map((one) => ({ ...one, repository: '' }));
  const { about, text = words } = TELL.exec(words)?.groups ?? {};
  const named = meant(about ?? words, waiting);
  if (about !== undefined && named.length === 0) return null;
  const isVerdict = [CHANGE, APPROVE, REJECT].some((pattern) => pattern.test(words));
  if (about === undefined && !isVerdict && isWork(words)) return null;
  const candidates = named.length > 0 ? named.slice(0, 1) : waiting;
  const decided = candidates.flatMap((one) => {
    const decide = one.questions.length > 0 ? answer : verdict;
    return decide(talk, text, one, about !== undefined) ?? [];
  });
  const titles = candidates.map(({ title }) => `**${title}**`).join(' or ');
  if (decided.length > 1) return say(`Which task do you mean: ${titles}?`);
  return decided[0] ?? null;
}
