import type { TaskLine } from '../../protocol/task.ts';
import type { TaskNotice } from '../tasks/contract.ts';

/** What the model is told, so that it tells the person. */
export function noticeUpdate(line: TaskLine, notice: TaskNotice): string {
  const { is, ...rest } = notice;
  const facts = {
    task_id: line.id,
    title: line.title,
    repository: line.repository,
    status: line.status,
    event: is,
    ...('pullRequest' in rest && { pull_request: rest.pullRequest }),
    ...('summary' in rest && { summary: rest.summary }),
    ...('reason' in rest && { reason: rest.reason }),
  };
  return `<task_update>${JSON.stringify(facts)}</task_update>`;
}

/** The same in a plain sentence, for when no model is there to say it. */
export function noticeSentence(line: TaskLine, notice: TaskNotice): string {
  const name = `**${line.title}**`;
  switch (notice.is) {
    case 'review': {
      const { number, url } = notice.pullRequest;
      return `${name}: a draft pull request is ready for review: [#${number} in ${line.repository}](${url}).`;
    }
    case 'answered':
      return `${name} is done, and there was nothing to change: ${notice.summary}`;
    case 'failed':
      return `${name} failed: ${notice.reason}`;
    case 'merged':
      return `${name}: [#${notice.pullRequest.number}](${notice.pullRequest.url}) was merged.`;
    case 'closed':
      return `${name}: [#${notice.pullRequest.number}](${notice.pullRequest.url}) was closed without merging.`;
    case 'recovered':
      return `${name}: ${notice.reason}. It goes on from its last checkpoint by itself.`;
  }
}
