import * as z from 'zod/mini';
import { ReviewChecks } from '../../../protocol/inbox.ts';
import type { TaskNotice } from '../../../worker/tasks/api.ts';
import { questionLines } from './context.ts';

const Sentence = z.pipe(
  z._default(z.string(), ''),
  z.transform((text) => text.trim().replace(/([^.!?…)])$/, '$1.')),
);
const Dollars = z.pipe(
  z._default(z.number(), 0),
  z.transform((amount) => `$${amount.toFixed(2)}`),
);
const Asked = z.object({ question: z.string(), options: z.array(z.string()) });
const Facts = z.object({
  title: z.string(),
  repository: z.string(),
  event: z.string(),
  pull_request: z.optional(z.object({ number: z.number(), url: z.string() })),
  summary: Sentence,
  reason: Sentence,
  questions: z._default(z.array(Asked), []),
  round: z.optional(z.number()),
  scope: z.optional(z.string()),
  limit: Dollars,
  used: Dollars,
  until: z._default(z.string(), ''),
  checks: z._default(ReviewChecks, { is: 'none' }),
});

/** The facts, with the words for what they are about. */
function told(facts: z.infer<typeof Facts>) {
  const { title, repository, pull_request: pull, scope } = facts;
  const name = `**${title}** in ${repository}`;
  const link = `[#${pull?.number} ${title}](${pull?.url}) in ${repository}`;
  return { ...facts, name, link, whose: scope === 'day' ? 'Today' : name };
}
type Told = ReturnType<typeof told>;

function reviewed({ link, summary, checks }: Told): string {
  if (checks.is === 'failed') {
    return `The checks of ${link} still fail (${checks.names.join(', ')}). Say how to go on.`;
  }
  if (checks.is === 'unfinished') return `The checks of ${link} do not end. Look at it there.`;
  const passed = checks.is === 'passed' ? ', and its checks pass' : '';
  return `Done: a draft pull request is ready for review: ${link}${passed}. ${summary}`;
}

const SENTENCES: Record<TaskNotice['is'], (told: Told) => string> = {
  opened: ({ link }) => `A draft pull request is ready: ${link}. Its checks run now.`,
  review: reviewed,
  question: ({ name, questions }) => `${name} asks:${questionLines(questions)}`,
  plan: ({ name, round }) =>
    `${name} has ${round === 1 ? 'a plan' : 'revised its plan'}. Approve it, or say what should change.`,
  answered: ({ name, summary }) => `${name} is done, with no changes. ${summary}`,
  not_done: ({ name, reason }) => `${name}: ${reason}`,
  failed: ({ name, reason }) => `${name} failed. ${reason} Nothing is lost: Retry starts it again.`,
  merged: ({ link }) => `Merged: ${link}.`,
  closed: ({ link }) => `${link} was closed without merging.`,
  recovered: ({ name, reason }) => `${name}: ${reason} It goes on from its last checkpoint.`,
  budget_near: ({ whose, used, limit }) => `${whose}: ${used} of ${limit} are spent.`,
  budget_spent: ({ whose, limit }) =>
    `${whose}: the budget of ${limit} is spent. The work is kept; raise the budget or stop the task.`,
  plan_limit: ({ name, until }) =>
    `${name} waits for the Claude plan’s limit to be reset, at ${until.slice(11, 16)} UTC, and goes on then.`,
};

/** What a task did, in a sentence or two for the conversation. */
export function noticeReply(notice: unknown): string {
  const { data } = Facts.safeParse(notice);
  const [, say] = Object.entries(SENTENCES).find(([is]) => is === data?.event) ?? [];
  if (data === undefined || say === undefined) {
    return 'Something changed in a task; its card says what.';
  }
  return say(told(data)).trim();
}
