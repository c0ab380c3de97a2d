import * as z from 'zod/mini';

const Notice = z.looseObject({
  title: z.string(),
  repository: z.optional(z.nullable(z.string())),
  /** What happened; `status` is what the task is now. */
  event: z.optional(z.nullable(z.string())),
  status: z.optional(z.nullable(z.string())),
  pull_request: z.optional(z.nullable(z.looseObject({ number: z.number(), url: z.string() }))),
  summary: z.optional(z.nullable(z.string())),
  reason: z.optional(z.nullable(z.string())),
  questions: z.optional(z.array(z.object({ question: z.string(), options: z.array(z.string()) }))),
  round: z.optional(z.number()),
  scope: z.optional(z.string()),
  limit: z.optional(z.number()),
  used: z.optional(z.number()),
  until: z.optional(z.string()),
  checks: z.optional(
    z.looseObject({
      is: z.string(),
      count: z.optional(z.number()),
      names: z.optional(z.array(z.string())),
    }),
  ),
});

/** For a notice that names no event: what its status says. */
const EVENT_OF: Partial<Record<string, string>> = {
  'in review': 'review',
  done: 'answered',
  failed: 'failed',
  cancelled: 'cancelled',
};

function sentence(text: string | null | undefined): string {
  const trimmed = (text ?? '').trim();
  if (trimmed === '') return '';
  return /[.!?…)]$/.test(trimmed) ? ` ${trimmed}` : ` ${trimmed}.`;
}

/** What a task did, in a sentence or two for the conversation. */
export function noticeReply(words: string): string {
  const json = /<task_update>\s*([\s\S]*?)\s*(?:<\/task_update>|$)/.exec(words)?.[1] ?? '';
  let parsed: unknown = null;
  try {
    parsed = JSON.parse(json);
  } catch {
    // Said below: there is nothing to phrase.
  }
  const notice = Notice.safeParse(parsed);
  if (!notice.success) return 'Something changed in a task; its card says what.';
  const { title, repository, status, pull_request, summary, reason } = notice.data;
  const where = repository ? ` in ${repository}` : '';
  const name = `**${title}**${where}`;
  const link = pull_request
    ? `[#${pull_request.number} ${title}](${pull_request.url})${where}`
    : name;
  const news =
    notice.data.event ?? EVENT_OF[status?.toLowerCase() ?? ''] ?? (pull_request ? 'review' : '');
  switch (news) {
    case 'opened':
      return `A draft pull request is ready: ${link}. Its checks run now.`;
    case 'review': {
      const { checks } = notice.data;
      switch (checks?.is) {
        case 'passed':
          return `Done: ${link} is ready for review, its checks pass.${sentence(summary)}`;
        case 'failed':
          return `The checks of ${link} still fail (${checks.names?.join(', ') ?? ''}). Say how to go on.`;
        case 'unfinished':
          return `The checks of ${link} do not end. Please look at it there.`;
        default:
          return `Done: a draft pull request is ready for review: ${link}.${sentence(summary)}`;
      }
    }
    case 'question': {
      const asked = (notice.data.questions ?? []).map(
        (one) => `- ${one.question}${one.options.length > 0 ? ` (${one.options.join(', ')})` : ''}`,
      );
      return `${name} asks:\n${asked.join('\n')}`;
    }
    case 'plan':
      return (notice.data.round ?? 1) > 1
        ? `${name} has revised its plan. Approve it, or say what else should change.`
        : `${name} has a plan. Approve it, or say what should change.`;
    case 'answered':
      return `${name} is done.${sentence(summary)}`;
    case 'failed':
      return `${name} failed.${sentence(reason ?? summary)} Nothing that was done is lost: Retry starts it again.`;
    case 'merged':
      return `Merged: ${link}.`;
    case 'closed':
      return `${link} was closed without merging.`;
    case 'budget_near':
      return `${notice.data.scope === 'day' ? 'Today' : name}: $${(notice.data.used ?? 0).toFixed(2)} of the budget of $${(notice.data.limit ?? 0).toFixed(2)} are spent.`;
    case 'budget_spent':
      return `${name} has paused: ${notice.data.scope === 'day' ? 'the budget of the day' : 'its budget'} of $${(notice.data.limit ?? 0).toFixed(2)} is spent. Its work is kept; raise the budget or stop the task.`;
    case 'plan_limit':
      return `${name} waits for the Claude plan’s limit to be reset, at ${(notice.data.until ?? '').slice(11, 16)} UTC, and goes on then.`;
    case 'recovered':
      return `${name}:${sentence(reason)} It goes on from its last checkpoint by itself.`;
    case 'cancelled':
      return `${name} was cancelled.${sentence(reason)}`;
    default:
      return `${name}: ${status ?? 'news'}.${sentence(reason ?? summary)}`;
  }
}
