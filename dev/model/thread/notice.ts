import * as z from 'zod/mini';
import type { TaskNotice } from '../../../worker/tasks/api.ts';

const Asked = z.object({ question: z.string(), options: z.array(z.string()) });
const Facts = z.object({
  title: z.string(),
  repository: z.string(),
  event: z.string(),
  pull_request: z.optional(z.object({ number: z.number(), url: z.string() })),
  summary: z._default(z.string(), ''),
  reason: z._default(z.string(), ''),
  questions: z._default(z.array(Asked), []),
  round: z.optional(z.number()),
  scope: z.optional(z.string()),
  limit: z._default(z.number(), 0),
  used: z._default(z.number(), 0),
  until: z._default(z.string(), ''),
  checks: z.optional(z.object({ is: z.string(), names: z.optional(z.array(z.string())) })),
});

const sentence = (text: string) => text.trim().replace(/([^.!?…)])$/, '$1.');
const dollars = (amount: number) => `$${amount.toFixed(2)}`;

/** The facts in words. */
function told({ title, repository, pull_request, ...facts }: z.infer<typeof Facts>) {
  const name = `**${title}** in ${repository}`;
  return {
    name,
    link: `[#${pull_request?.number} ${title}](${pull_request?.url}) in ${repository}`,
    whose: facts.scope === 'day' ? 'Today' : name,
    summary: sentence(facts.summary),
    reason: sentence(facts.reason),
    questions: facts.questions.map((one) => `\n- ${one.question} (${one.options.join(', ')})`),
    plan: facts.round === 1 ? 'a plan' : 'revised its plan',
    checks: facts.checks?.is ?? 'none',
    failed: facts.checks?.names?.join(', '),
    limit: dollars(facts.limit),
    used: dollars(facts.used),
    until: facts.until.slice(11, 16),
  };
}
type Told = ReturnType<typeof told>;

function reviewed({ link, summary, checks, failed }: Told): string {
  if (checks === 'failed') return `The checks of ${link} still fail (${failed}). Say how to go on.`;
  if (checks === 'unfinished') return `The checks of ${link} do not end. Look at it there.`;
  const passed = checks === 'passed' ? ', and its checks pass' : '';
  return `Done: a draft pull request is ready for review: ${link}${passed}. ${summary}`;
}

const SENTENCES: Record<TaskNotice['is'], (told: Told) => string> = {
  opened: ({ link }) => `A draft pull request is ready: ${link}. Its checks run now.`,
  review: reviewed,
  question: ({ name, questions }) => `${name} asks:${questions.join('')}`,
  plan: ({ name, plan }) => `${name} has ${plan}. Approve it, or say what should change.`,
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
    `${name} waits for the Claude plan’s limit to be reset, at ${until} UTC, and goes on then.`,
};

/** What a task did, in a sentence or two for the conversation. */
export function noticeReply(json: string): string {
  try {
    const facts = Facts.parse(JSON.parse(json));
    const [, say] = Object.entries(SENTENCES).find(([is]) => is === facts.event) ?? [];
    if (say !== undefined) return say(told(facts)).trim();
  } catch {
    // Said below: there is nothing to phrase.
  }
  return 'Something changed in a task; its card says what.';
}
