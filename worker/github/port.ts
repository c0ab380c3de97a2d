import type { Repository } from '../../protocol/repository.ts';
import type { PullRequest } from '../../protocol/task.ts';
import type { GitHubFailure } from './retry.ts';

export type GitHubResult<T> = { is: 'ok'; value: T } | { is: 'failed'; failure: GitHubFailure };

export type PullRequestFound = PullRequest & { state: 'open' | 'merged' | 'closed' };

export type PullRequestDraft = {
  repository: string;
  branch: string;
  baseBranch: string;
  title: string;
  body: string;
};

/** The git host as Mainloop needs it. Names are checked before they come here. */
export type GitHubPort = {
  repository(name: string): Promise<GitHubResult<Repository>>;
  /** Those that the token can push to, most recently pushed first; at most 100. */
  repositories(): Promise<GitHubResult<Repository[]>>;
  /** The commit at the branch's tip; null when there is no such branch. */
  branchHead(repository: string, branch: string): Promise<GitHubResult<string | null>>;
  /** The pull request from this branch, in whichever state; null when there is none. */
  pullRequestOf(repository: string, branch: string): Promise<GitHubResult<PullRequestFound | null>>;
  pullRequest(repository: string, number: number): Promise<GitHubResult<PullRequestFound>>;
  createDraft(draft: PullRequestDraft): Promise<GitHubResult<PullRequest>>;
};
