import * as z from 'zod/mini';
import type { TaskNotice } from '../../../worker/tasks/contract.ts';

const Facts = z.object({
  title: z.string(),
  repository: z.string(),
  event: z.string(),
  pull_request: z.optional(z.object({ number: z.number(), url: z.string() })),
  summary: z._default(z.string(), ''),
  reason: z._default(z.string(), ''),
  questions: z._default(
    z.array(z.object({ question: z.string(), options: z.array(z.string()) })),
    [],
  ),
  round: z.optional(z.number()),
  scope: z.optional(z.string()),
  limit: z._default(z.number(), 0),
  used: z._default(z.number(), 0),
  until: z._default(z.string(), ''),
  checks: z.optional(z.object({ is: z.string(), names: z.optional(z.array(z.string())) })),
});
type Facts = z.infer<typeof Facts>;

const UNREADABLE = 'Something changed in a task; its card says what.';

const nameOf = ({ title, repository }: Facts) => `**${title}** in ${repository}`;
const linkOf = ({ title, repository, pull_request }: Facts) =>
  `[#${pull_request?.number} ${title}](${pull_request?.url}) in ${repository}`;
const sentence = (text: string) => text.trim().replace(/([^.!?…)])$/, '$1.');
const dollars = (amount: number) => `$${amount.toFixed(2)}`;

const SENTENCES: Record<TaskNotice['is'], (facts: Facts) => string> = {
  opened: (facts) => `A draft pull request is ready: ${linkOf(facts)}. Its checks run now.`,
  review: (facts) => {
    const { is = '', names = [] } = facts.checks ?? {};
    if (is === 'unfinished' || is === 'failed') {
      const what = is === 'failed' ? `still fail (${names.join(', ')})` : 'do not end';
      return `The checks of ${linkOf(facts)} ${what}. Say how to go on.`;
    }
    const passed = is === 'passed' ? ', and its checks pass' : '';
    return `Done: a draft pull request is ready for review: ${linkOf(facts)}${passed}. ${sentence(facts.summary)}`;
  },
  question: (facts) => {
    const asked = facts.questions.map((one) => `\n- ${one.question} (${one.options.join(', ')})`);
    return `${nameOf(facts)} asks:${asked.join('')}`;
  },
  plan: (facts) =>
    `${nameOf(facts)} has ${facts.round === 1 ? 'a plan' : 'revised its plan'}. Approve it, or say what should change.`,
  answered: (facts) => `${nameOf(facts)} is done. ${sentence(facts.summary)}`,
  failed: (facts) =>
    `${nameOf(facts)} failed. ${sentence(facts.reason)} Nothing that was done is lost: Retry starts it again.`,
  merged: (facts) => `Merged: ${linkOf(facts)}.`,
  closed: (facts) => `${linkOf(facts)} was closed without merging.`,
  recovered: (facts) =>
    `${nameOf(facts)}: ${sentence(facts.reason)} It goes on from its last checkpoint by itself.`,
  budget_near: (facts) =>
    `${facts.scope === 'day' ? 'Today' : nameOf(facts)}: ${dollars(facts.used)} of the budget of ${dollars(facts.limit)} are spent.`,
  budget_spent: (facts) =>
    `${nameOf(facts)} has paused: ${facts.scope === 'day' ? 'the budget of the day' : 'its budget'} of ${dollars(facts.limit)} is spent. Its work is kept; raise the budget or stop the task.`,
  plan_limit: (facts) =>
    `${nameOf(facts)} waits for the Claude plan’s limit to be reset, at ${facts.until.slice(11, 16)} UTC, and goes on then.`,
};

/** What a task did, in a sentence or two for the conversation. */
export function noticeReply(json: string): string {
  try {
    const facts = Facts.parse(JSON.parse(json));
    const sentenceOf = new Map(Object.entries(SENTENCES)).get(facts.event);
    return sentenceOf?.(facts).trim() ?? UNREADABLE;
  } catch {
    return UNREADABLE;
  }
}
