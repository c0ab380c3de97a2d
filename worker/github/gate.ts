import type { GitHubFailure } from './failures.ts';
import type { GitHubPort, GitHubResult } from './port.ts';

/** When the host may be asked again, in milliseconds since 1970; 0 or past when it may be now. */
export type Gate = {
  opensAt(): number;
  close(until: number): void;
};

export function limited<T>(retryAfterMs: number): GitHubResult<T> {
  return { is: 'failed', failure: { is: 'limited', retryAfterMs } };
}

/** Shuts the gate when the host says for how long; a shorter word does not open it earlier. */
export function heed(gate: Gate, failure: GitHubFailure, now: number): void {
  if (failure.is === 'limited') gate.close(Math.max(gate.opensAt(), now + failure.retryAfterMs));
}

/**
 * The host, but for the time in which it wants to be left alone: then the answer is the limit that
 * is known, and nothing is sent. So whoever asks (a timer, a webhook, a person's click) need not know
 * who was told to wait.
 */
export function gatedHost(host: GitHubPort, gate: Gate): GitHubPort {
  const through =
    <A extends unknown[], T>(call: (...given: A) => Promise<GitHubResult<T>>) =>
    async (...given: A): Promise<GitHubResult<T>> => {
      const shutFor = gate.opensAt() - Date.now();
      if (shutFor > 0) return limited(shutFor);
      const answer = await call(...given);
      if (answer.is === 'failed') heed(gate, answer.failure, Date.now());
      return answer;
    };
  return {
    repository: through(host.repository),
    repositories: through(host.repositories),
    author: through(host.author),
    branchHead: through(host.branchHead),
    compare: through(host.compare),
    pullRequestOf: through(host.pullRequestOf),
    pullRequest: through(host.pullRequest),
    checks: through(host.checks),
    feedback: through(host.feedback),
    mayWrite: through(host.mayWrite),
    acknowledge: through(host.acknowledge),
    reply: through(host.reply),
    comment: through(host.comment),
    markReady: through(host.markReady),
    merge: through(host.merge),
    closePullRequest: through(host.closePullRequest),
    openIssue: through(host.openIssue),
    issueComments: through(host.issueComments),
    editIssue: through(host.editIssue),
    closeIssue: through(host.closeIssue),
    createDraft: through(host.createDraft),
  };
}
