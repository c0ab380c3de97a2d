import * as z from 'zod/mini';

const Notice = z.looseObject({
  title: z.string(),
  repository: z.optional(z.nullable(z.string())),
  status: z.optional(z.nullable(z.string())),
  pull_request: z.optional(z.nullable(z.looseObject({ number: z.number(), url: z.string() }))),
  summary: z.optional(z.nullable(z.string())),
  reason: z.optional(z.nullable(z.string())),
});

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
  const link = pull_request
    ? `[#${pull_request.number} ${title}](${pull_request.url})`
    : `**${title}**`;
  switch (status?.toLowerCase()) {
    case 'failed':
      return `**${title}**${where} failed.${sentence(reason ?? summary)} Nothing that was done is lost: Retry starts it again.`;
    case 'cancelled':
      return `**${title}**${where} was cancelled.${sentence(reason)}`;
    case 'done': {
      if (!pull_request) return `**${title}**${where} is done.${sentence(summary)}`;
      const closed = /clos/i.test(`${reason ?? ''} ${summary ?? ''}`);
      return closed
        ? `${link}${where} was closed.${sentence(reason ?? summary)}`
        : `Merged: ${link}${where}.${sentence(summary)}`;
    }
    case 'in review':
      return `Done: a draft pull request is ready for review: ${link}${where}.${sentence(summary)}`;
    default:
      if (pull_request) {
        return `Done: a draft pull request is ready for review: ${link}${where}.${sentence(summary)}`;
      }
      return `**${title}**${where}: ${status ?? 'news'}.${sentence(reason ?? summary)}`;
  }
}
