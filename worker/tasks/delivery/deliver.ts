import type { Asker } from '../../../protocol/author.ts';
import type { PullRequest } from '../../../protocol/task.ts';
import type { GitHubPort } from '../../github/port.ts';
import { unmarked } from './feedback.ts';
import { harmless } from './harmless.ts';
import { isNewer } from './moved-head.ts';
import { type GitHubFailure, retryLaterMs, sentenceOf } from '../../github/failures.ts';

export type Delivery = {
  taskId: string;
  repository: string;
  branch: string;
  baseBranch: string;
  commit: string;
  title: string;
  body: string;
  /** The person's own words about the task. */
  own: string;
  /** Who asked for it, as the host may show them; null where it may not. */
  asker: Asker | null;
  /** Number of the issue that goes with it; null when there is none. */
  issue: number | null;
};

export type DeliveryOutcome =
  /** `commit` is what stands in it: the task's, or what somebody pushed since. */
  | { is: 'opened'; pullRequest: PullRequest; commit: string }
  | { is: 'failed'; reason: string; retryAfterMs: number | null };

/** The host may show a push a little later than it took it: the first pause, doubled each time. */
const NOT_SEEN_YET_MS = 1_000;
const TITLE_MAX_CHARS = 250;
const BODY_MAX_CHARS = 60_000;
/** With what was put in to make it harmless; GitHub takes 65,536. */
const HARMLESS_MAX_CHARS = 65_000;

/** Who is credited: by their page, which calls nobody, or by their address where all who read it may know that. */
function askedBy(asker: Asker | null): string {
  if (asker === null) return '';
  return `\n\nAsked for by ${asker.url === null ? asker.email : `[${asker.name}](${asker.url})`}.`;
}

/** The body's last line: which task this is, for a reader of the pull request and for a look-up. */
export function pullRequestBody({
  body,
  taskId,
  own,
  issue,
  asker,
}: Pick<Delivery, 'body' | 'taskId' | 'own' | 'issue' | 'asker'>): string {
  const closes = issue === null ? '' : `\n\nCloses #${issue}.`;
  const text = harmless(unmarked(body.slice(0, BODY_MAX_CHARS)), own);
  return `${text.slice(0, HARMLESS_MAX_CHARS)}${closes}${askedBy(asker)}\n\n<!-- mainloop:task:${taskId} -->`;
}

/**
 * Takes the runner's word only on evidence: the commit stands at the branch's tip at the host, or what
 * somebody pushed since on top of it or in its place. Then adopts the branch's open pull request or opens a draft; a lost answer is found by looking again,
 * so that there is never a second one.
 *
 * @param tried how many tries have failed before: the pauses grow.
 */
export async function deliver(
  github: GitHubPort,
  delivery: Delivery,
  tried = 0,
): Promise<DeliveryOutcome> {
  const { repository, branch } = delivery;
  const failed = (failure: GitHubFailure): DeliveryOutcome => ({
    is: 'failed',
    reason: sentenceOf(failure, repository),
    retryAfterMs: retryLaterMs(failure, tried),
  });
  const head = await github.branchHead(repository, branch);
  if (head.is === 'failed') return failed(head.failure);
  const isOwn = head.value === delivery.commit;
  const newer =
    isOwn || head.value === null
      ? ({ is: 'ok', value: false } as const)
      : await isNewer(github, repository, delivery.commit, head.value);
  if (newer.is === 'failed') return failed(newer.failure);
  if (head.value === null || !(isOwn || newer.value)) {
    return {
      is: 'failed',
      reason: `The worker says that it pushed, but ${branch} does not show its commit. Retry goes on from the checkpoint.`,
      retryAfterMs: NOT_SEEN_YET_MS * 2 ** tried,
    };
  }
  const commit = head.value;
  const existing = await github.pullRequestOf(repository, branch);
  if (existing.is === 'failed') return failed(existing.failure);
  if (existing.value?.state === 'open') {
    const { number, url } = existing.value;
    return { is: 'opened', pullRequest: { number, url }, commit };
  }
  const created = await github.createDraft({
    repository,
    branch,
    baseBranch: delivery.baseBranch,
    title: harmless(delivery.title, delivery.own).slice(0, TITLE_MAX_CHARS),
    body: pullRequestBody(delivery),
  });
  if (created.is === 'ok') return { is: 'opened', pullRequest: created.value, commit };
  // 422 says that it exists; a lost answer may have created it: either way, look once more.
  const again = await github.pullRequestOf(repository, branch);
  if (again.is === 'ok' && again.value?.state === 'open') {
    const { number, url } = again.value;
    return { is: 'opened', pullRequest: { number, url }, commit };
  }
  return failed(created.failure);
}
