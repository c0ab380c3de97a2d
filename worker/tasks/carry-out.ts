import { decodeTime } from 'ulid';
import type { PullRequest } from '../../protocol/task.ts';
import { leastWaitMs, sentenceOf } from '../github/failures.ts';
import type { GitHubResult } from '../github/port.ts';
import type { TaskSpec } from './api.ts';
import type { OutboxEffect } from './lifecycle/outbox-effect.ts';
import type { Failure } from './outbox-limits.ts';
import type { TaskPorts } from './ports.ts';

/** What came of a try. */
export type Outcome =
  | { is: 'done' }
  | { is: 'sandbox_stopped' }
  | { is: 'checkpoint_deleted'; key: string }
  | { is: 'issue_opened'; issue: PullRequest }
  | ({ is: 'failed' } & Failure);

const DONE = { is: 'done' } as const;
const NO_ISSUE: Outcome = { is: 'failed', why: 'There is no issue.', retryAfterMs: null };

/** Does one effect, once. Throws when a part of the installation does not answer; the git host never does. */
export async function carryOut(
  effect: OutboxEffect,
  ports: TaskPorts,
  { spec, issue }: { spec: TaskSpec; issue: PullRequest | null },
): Promise<Outcome> {
  const { github } = ports;
  const { personId, taskId, repository, title } = spec;
  const key = `task:${taskId}`;
  const said = (answer: GitHubResult<null>): Outcome =>
    answer.is === 'ok' ? DONE : refused(answer.failure, repository);
  switch (effect.do) {
    case 'dispatch':
      await ports.dispatch({ personId, taskId, attempt: effect.attempt });
      return DONE;
    case 'watch':
      await ports.watch(spec);
      return DONE;
    case 'stop_sandbox':
      await ports.sandbox.stop({ taskId, generation: effect.generation });
      return { is: 'sandbox_stopped' };
    case 'delete_checkpoint':
      await ports.checkpoints.delete(effect.key);
      return { is: 'checkpoint_deleted', key: effect.key };
    case 'acknowledge':
      return said(await github.acknowledge(repository, effect.to));
    case 'reply':
      return said(await github.reply(repository, effect.number, effect.to, effect.text));
    case 'open_issue': {
      const wanted = { title, body: effect.body, key, since: decodeTime(taskId) };
      const opened = await github.openIssue(repository, wanted);
      return opened.is === 'ok'
        ? { is: 'issue_opened', issue: opened.value }
        : refused(opened.failure, repository);
    }
    case 'edit_issue':
      return issue === null
        ? NO_ISSUE
        : said(await github.editIssue(repository, issue.number, { body: effect.body, key }));
    case 'comment_issue':
      return issue === null
        ? NO_ISSUE
        : said(await github.comment(repository, issue.number, effect.key, effect.text));
    case 'close': {
      const { number, text } = effect;
      const commented: Outcome =
        text === null ? DONE : said(await github.comment(repository, number, 'closed', text));
      // Without the comment, where the host takes none, it is closed all the same.
      if (commented.is === 'failed' && commented.retryAfterMs !== null) return commented;
      return said(
        effect.what === 'pull'
          ? await github.closePullRequest(repository, number)
          : await github.closeIssue(repository, number),
      );
    }
  }
}

function refused(failure: Parameters<typeof sentenceOf>[0], repository: string): Outcome {
  return {
    is: 'failed',
    why: sentenceOf(failure, repository),
    retryAfterMs: leastWaitMs(failure),
  };
}
