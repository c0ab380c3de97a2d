import type { ReviewChecks } from '../../../protocol/inbox.ts';
import type { TaskSummary } from '../../../protocol/task.ts';
import type { TaskNotice } from '../../tasks/api.ts';
import { quoted } from './quote.ts';
import { cutToTokens } from './tokens.ts';

/** A plan or a summary stands whole in the inbox; here it is only talked about. */
const TEXT_MAX_TOKENS = 1_000;
const QUESTION_MAX_TOKENS = 300;
const LABEL_MAX_TOKENS = 50;
/** Checks that are named, at most. */
const NAMED_MAX = 20;

/** What a task did, in the last message of a prompt. */
export function taskUpdate(facts: Record<string, unknown>): string {
  return quoted('task_update', facts, TEXT_MAX_TOKENS);
}

/** What the model is told, so that it tells the person. */
export function noticeUpdate(task: TaskSummary, notice: TaskNotice): string {
  const { is, ...rest } = notice;
  const facts = {
    task_id: task.id,
    title: task.title,
    repository: task.repository,
    status: task.status,
    event: is,
    // Seen in git: the summary is the worker's word only.
    ...(is === 'answered' && { changes: 'none' }),
    ...('pullRequest' in rest && { pull_request: rest.pullRequest }),
    ...('checks' in rest && { checks: shortened(rest.checks) }),
    ...('summary' in rest && { summary: rest.summary }),
    ...('limit' in rest && { scope: rest.scope, limit: rest.limit, used: rest.used }),
    ...('until' in rest && { until: new Date(rest.until).toISOString() }),
    ...('reason' in rest && { reason: rest.reason }),
    ...('questions' in rest && {
      questions: rest.questions.map(({ question, options }) => ({
        question: cutToTokens(question, QUESTION_MAX_TOKENS),
        options: options.map(({ label }) => cutToTokens(label, LABEL_MAX_TOKENS)),
      })),
    }),
    ...('plan' in rest && { plan: rest.plan.text, round: rest.plan.round }),
  };
  return taskUpdate(facts);
}

function shortened(checks: ReviewChecks): ReviewChecks {
  if (checks.is !== 'failed' && checks.is !== 'passed') return checks;
  const names = checks.names.slice(0, NAMED_MAX);
  return { ...checks, names: names.map((name) => cutToTokens(name, LABEL_MAX_TOKENS)) };
}

const dollars = (amount: number) => `$${amount.toFixed(2)}`;

/** The same in a plain sentence, for when no model is there to say it. */
export function noticeSentence(task: TaskSummary, notice: TaskNotice): string {
  const name = `**${task.title}**`;
  switch (notice.is) {
    case 'opened': {
      const { number, url } = notice.pullRequest;
      return `${name}: a draft pull request is ready, and its checks run: [#${number} in ${task.repository}](${url}).`;
    }
    case 'review': {
      const { number, url } = notice.pullRequest;
      const link = `[#${number} in ${task.repository}](${url})`;
      const checks = shortened(notice.checks);
      switch (checks.is) {
        case 'none':
          return `${name}: a draft pull request is ready for review: ${link}. It has no checks.`;
        case 'passed':
          return `${name}: the pull request is ready for review, and its checks pass: ${link}.`;
        case 'failed':
          return `${name}: the checks of its pull request still fail (${checks.names.join(', ')}): ${link}. Say how to go on.`;
        case 'unfinished':
          return `${name}: the checks of its pull request do not end: ${link}. Look at it there.`;
      }
    }
    case 'question': {
      const [first] = notice.questions;
      const more = notice.questions.length > 1 ? ` (and ${notice.questions.length - 1} more)` : '';
      const question = cutToTokens(first?.question ?? '', QUESTION_MAX_TOKENS);
      return `${name} asks: ${question}${more} Answer here or in the inbox.`;
    }
    case 'plan':
      return notice.plan.round === 1
        ? `${name} has a plan. Approve it, or say what should change, here or in the inbox.`
        : `${name} has revised its plan. It waits for your approval.`;
    case 'answered':
      return `${name} ended with no changes. Its worker says: ${cutToTokens(notice.summary, TEXT_MAX_TOKENS)}`;
    case 'failed':
      return `${name} failed: ${notice.reason}`;
    case 'merged':
      return `${name}: [#${notice.pullRequest.number}](${notice.pullRequest.url}) was merged.`;
    case 'closed':
      return `${name}: [#${notice.pullRequest.number}](${notice.pullRequest.url}) was closed without merging.`;
    case 'budget_near':
      return `${notice.scope === 'task' ? name : 'Today'}: ${dollars(notice.used)} of the budget of ${dollars(notice.limit)} are spent.`;
    case 'budget_spent':
      return `${name} has paused: ${notice.scope === 'task' ? 'its budget' : 'the budget of the day'} of ${dollars(notice.limit)} is spent. Its work is kept; raise the budget or stop it, here or in the inbox.`;
    case 'plan_limit':
      return `${name} waits: the Claude plan’s limit is reached until ${new Date(notice.until).toISOString().slice(11, 16)} UTC. It goes on by itself then.`;
    case 'not_done':
      return `${name}: ${notice.reason}`;
    case 'recovered':
      return `${name}: ${notice.reason}. It goes on from its last checkpoint by itself.`;
  }
}
