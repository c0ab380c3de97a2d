import type { Author } from '../../protocol/author.ts';
import type { Repository } from '../../protocol/repository.ts';
import type { PullRequest } from '../../protocol/task.ts';
import type { Check } from '../tasks/delivery/checks.ts';
import type { Feedback } from '../tasks/delivery/feedback.ts';
import type { GitHubFailure } from './failures.ts';

export type GitHubResult<T> = { is: 'ok'; value: T } | { is: 'failed'; failure: GitHubFailure };

export type PullRequestFound = PullRequest & { state: 'open' | 'merged' | 'closed' };

/** A pull request by itself, with what only this read tells. */
export type PullRequestNow = PullRequestFound & {
  draft: boolean;
  /** The commit at its head. */
  head: string;
  nodeId: string;
  /** False when it conflicts with its base; null while the host works it out. */
  mergeable: boolean | null;
};

export type MergeOutcome =
  | { is: 'merged' }
  | { is: 'not_mergeable'; message: string }
  /** Its head is another commit than the one that was looked at. */
  | { is: 'moved' };

/** How one commit stands to another: `ahead` has all of it and more, `behind` a part of it, `diverged` both. */
export type Comparison = 'identical' | 'ahead' | 'behind' | 'diverged';

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
  /** In whose name commits are made there; null for Mainloop's own. */
  author(repository: string): Promise<GitHubResult<Author | null>>;
  /** The commit at the branch's tip; null when there is no such branch. */
  branchHead(repository: string, branch: string): Promise<GitHubResult<string | null>>;
  /** How `head` stands to `base`; null when the host does not know both. */
  compare(repository: string, base: string, head: string): Promise<GitHubResult<Comparison | null>>;
  /** The pull request from this branch, in whichever state; null when there is none. */
  pullRequestOf(repository: string, branch: string): Promise<GitHubResult<PullRequestFound | null>>;
  pullRequest(repository: string, number: number): Promise<GitHubResult<PullRequestNow>>;
  /**
   * The commit's checks, each as its newest try has it. Each log is a request of its own; without
   * them a check has what its run itself says.
   */
  checks(repository: string, commit: string, withLogs: boolean): Promise<GitHubResult<Check[]>>;
  /** True when this person may push to the repository; false for a name that nobody has. */
  mayWrite(repository: string, login: string): Promise<GitHubResult<boolean>>;
  /** Reviews and comments, in no order. */
  feedback(repository: string, number: number): Promise<GitHubResult<Feedback[]>>;
  /** Shows that the feedback was seen, by a reaction; a host without reactions is no failure. */
  acknowledge(
    repository: string,
    to: Pick<Feedback, 'kind' | 'commentId' | 'id'>,
  ): Promise<GitHubResult<null>>;
  /** Answers in the feedback's thread, at most once. */
  reply(
    repository: string,
    number: number,
    to: Pick<Feedback, 'kind' | 'commentId' | 'id'>,
    text: string,
  ): Promise<GitHubResult<null>>;
  /** Comments on an issue or a pull request, at most once under this key. */
  comment(
    repository: string,
    number: number,
    key: string,
    text: string,
  ): Promise<GitHubResult<null>>;
  /** Takes the draft mark off; nothing happens where there is none. */
  markReady(repository: string, number: number): Promise<GitHubResult<null>>;
  /** Merges the pull request as it was at `head`; the commit that it makes says `words`. */
  merge(
    repository: string,
    number: number,
    head: string,
    words: { title: string; message: string },
  ): Promise<GitHubResult<MergeOutcome>>;
  closePullRequest(repository: string, number: number): Promise<GitHubResult<null>>;
  /** Opens an issue, or finds the one that was opened under this key; none was before `since` (milliseconds since 1970). */
  openIssue(
    repository: string,
    issue: { title: string; body: string; key: string; since: number },
  ): Promise<GitHubResult<PullRequest>>;
  /** The comments of an issue, oldest first. */
  issueComments(repository: string, number: number): Promise<GitHubResult<Feedback[]>>;
  /** Replaces the text of an issue. */
  editIssue(
    repository: string,
    number: number,
    issue: { body: string; key: string },
  ): Promise<GitHubResult<null>>;
  closeIssue(repository: string, number: number): Promise<GitHubResult<null>>;
  createDraft(draft: PullRequestDraft): Promise<GitHubResult<PullRequest>>;
};
