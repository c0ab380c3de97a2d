import { type Reply, call, say } from '../wire/reply.ts';
import type { Round } from '../wire/request.ts';
import { failureOf, titleIn } from './after-tools.ts';
import type { Context, Waiting } from './context.ts';
import { meant } from './tasks.ts';
import { isWork } from './work.ts';

/** What the person decides about a task that waits. */
export type Decision =
  | { is: 'answer'; waiting: Waiting; answers: { chosen: string[]; other?: string }[] }
  /** Some of the questions have no answer yet. */
  | { is: 'ask back'; waiting: Waiting; open: Waiting['questions'] }
  | { is: 'approve'; waiting: Waiting; alternative: string | null }
  | { is: 'changes'; waiting: Waiting; text: string }
  | { is: 'reject'; waiting: Waiting }
  | { is: 'which'; among: Waiting[] };

const APPROVE =
  /^(?:(?:yes|ok(?:ay)?|great|good|fine),?\s*)*(?:approve[ds]?\b|lgtm\b|looks good|sounds good|go ahead|ship it|do it\b|go for it|that'?s fine|yes\b|\u{1F44D})/iu;
const REJECT = /^(?:reject\b|drop (?:the plan|it)\b|no,? (?:thanks|don'?t|forget it)|forget it)/i;
const CHANGE =
  /^(?:(?:please )?(?:change|revise|adapt) the plan(?: for .{1,60}?)?\s*(?:[:,]|so that|to)\s*|but\s+|instead,?\s+)/i;
/** Words that lead up to what is said to a task. */
const TO_TASK =
  /^(?:please )?(?:tell|ask|answer|let) (?:the )?(.+?)(?: (?:task|one|job|worker))?(?:\s+to|\s+that|\s*[:,])\s+([\s\S]+)$/i;

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

function names(words: string, label: string): boolean {
  return new RegExp(`(?:^|[^\\p{L}\\p{N}])${escaped(label)}(?:$|[^\\p{L}\\p{N}])`, 'iu').test(
    words,
  );
}

/** The option of a question that the words name; all of them where several may be chosen. */
function chosenIn(words: string, { options, several }: Waiting['questions'][number]): string[] {
  if (several && /\b(?:all|everything)\b/i.test(words)) return [...options];
  const named = options.filter((label) => names(words, label));
  return several ? named : named.slice(0, 1);
}

function answerTo(words: string, waiting: Waiting, isAddressed: boolean): Decision | null {
  const { questions } = waiting;
  const chosen = questions.map((question) => chosenIn(words, question));
  const open = questions.filter((_, place) => chosen[place]?.length === 0);
  if (open.length === 0) {
    return { is: 'answer', waiting, answers: chosen.map((labels) => ({ chosen: labels })) };
  }
  if (open.length < questions.length) return { is: 'ask back', waiting, open };
  if (!isAddressed) return null;
  return questions.length === 1
    ? { is: 'answer', waiting, answers: [{ chosen: [], other: words }] }
    : { is: 'ask back', waiting, open };
}

function verdictOn(words: string, waiting: Waiting, isAddressed: boolean): Decision | null {
  if (REJECT.test(words)) return { is: 'reject', waiting };
  const alternative = waiting.alternatives.find((label) => names(words, label)) ?? null;
  const change = CHANGE.exec(words);
  if (change !== null) return { is: 'changes', waiting, text: words.slice(change[0].length) };
  if (APPROVE.test(words)) {
    const but = /[,;.]\s*but\s+([\s\S]+)$/i.exec(words)?.[1];
    return but === undefined
      ? { is: 'approve', waiting, alternative }
      : { is: 'changes', waiting, text: but };
  }
  if (alternative !== null) return { is: 'approve', waiting, alternative };
  return isAddressed ? { is: 'changes', waiting, text: words } : null;
}

/** What the words decide about a task that waits; null when they are about something else. */
export function decisionOf(message: string, { waiting }: Context): Decision | null {
  if (waiting.length === 0) return null;
  const [, about, said] = TO_TASK.exec(message) ?? [];
  const named = meant(about ?? message, waiting);
  if (about !== undefined && named.length === 0) return null;
  const isVerdict = [CHANGE, APPROVE, REJECT].some((pattern) => pattern.test(message));
  if (about === undefined && !isVerdict && isWork(message)) return null;
  const words = said ?? message;
  const decide = (one: Waiting) => {
    const isAddressed = about !== undefined;
    return one.questions.length > 0
      ? answerTo(words, one, isAddressed)
      : verdictOn(words, one, isAddressed);
  };
  const candidates = named.length > 0 ? named.slice(0, 1) : waiting;
  const decided = candidates.flatMap((one) => decide(one) ?? []);
  return decided.length > 1 ? { is: 'which', among: candidates } : (decided[0] ?? null);
}

function askBack({ open, waiting }: Extract<Decision, { is: 'ask back' }>): Reply {
  const lines = open.map(({ question, options }) => `- ${question} (${options.join(', ')})`);
  return say(`And for **${waiting.title}**:\n${lines.join('\n')}`);
}

/** Carries the decision out, or says what came of it. */
export function decisionReply(decision: Decision, rounds: readonly Round[]): Reply {
  if (decision.is === 'ask back') return askBack(decision);
  if (decision.is === 'which') {
    const titles = decision.among.map(({ title }) => `**${title}**`).join(' or ');
    return say(`Which task do you mean: ${titles}?`);
  }
  const { taskId, title } = decision.waiting;
  const acted = rounds.find(({ name }) => name === 'answer_question' || name === 'decide_plan');
  if (acted !== undefined) return say(failureOf(acted) ?? doneSentence(decision, title));
  switch (decision.is) {
    case 'answer':
      return call('', 'answer_question', { task_id: taskId, answers: decision.answers });
    case 'approve':
      return call('', 'decide_plan', {
        task_id: taskId,
        verdict: 'approve',
        ...(decision.alternative !== null && { alternative: decision.alternative }),
      });
    case 'changes':
      return call('', 'decide_plan', { task_id: taskId, verdict: 'changes', text: decision.text });
    case 'reject':
      return call('', 'decide_plan', { task_id: taskId, verdict: 'reject' });
  }
}

function doneSentence(
  decision: Extract<Decision, { is: 'answer' | 'approve' | 'changes' | 'reject' }>,
  title: string,
): string {
  switch (decision.is) {
    case 'answer': {
      const words = decision.answers.map(({ chosen, other }) => other ?? chosen.join(', '));
      return `Answered **${title}**: ${words.join('; ')}.`;
    }
    case 'approve':
      return `Approved: **${title}** sets to work${decision.alternative === null ? '' : ` (${decision.alternative})`}.`;
    case 'changes':
      return `Asked **${title}** to change its plan: “${decision.text}”`;
    case 'reject':
      return `Rejected the plan of **${title}**; the task has ended.`;
  }
}

/** Acts on one task of the list, by a tool that takes no more than its id and `more`. */
export function actOn(
  tool: 'interrupt_task' | 'set_task_model' | 'merge_task' | 'raise_budget',
  about: string,
  context: Context,
  more: Record<string, unknown>,
  done: (title: string) => string,
  rounds: readonly Round[],
): Reply {
  const acted = rounds.find(({ name }) => name === tool);
  if (acted !== undefined) {
    return say(failureOf(acted) ?? done(titleIn(context.openTasks, acted)));
  }
  const [only] = context.openTasks;
  const [best] = meant(about, context.openTasks);
  const task = best ?? (context.openTasks.length === 1 ? only : undefined);
  return task === undefined
    ? say('I do not know which task you mean.')
    : call('', tool, { task_id: task.id, ...more });
}
