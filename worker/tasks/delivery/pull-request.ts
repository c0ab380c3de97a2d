import type { DecidedBy } from '../../../protocol/decision.ts';
import { type InboxOutcome, type LeftOpen, NOTHING_LEFT } from '../../../protocol/inbox.ts';
import { coalesced } from '../../platform/coalesce.ts';
import { outcomeBy } from '../decisions/wording.ts';
import { NAMED_MAX, checksVerdict } from './checks.ts';
import { deliver } from './deliver.ts';
import { checksPrompt, conflictsPrompt } from './feedback.ts';
import type { FeedbackWatch } from './feedback-watch.ts';
import {
  type GitHubFailure,
  leastWaitMs,
  retryLaterMs,
  sentenceOf,
} from '../../github/failures.ts';
import { mergeWords, ownWords } from './harmless.ts';
import { isNewer } from './moved-head.ts';
import { log } from '../../platform/log.ts';
import type { TaskCommandResult } from '../api.ts';
import type { TaskAggregate } from '../aggregate.ts';
import type { TaskPorts } from '../ports.ts';
import { closing } from '../lifecycle/outbox-effect.ts';
import { whoseFailedChecks } from '../lifecycle/review.ts';
import { isFinal } from '../lifecycle/state.ts';
import type { TaskStore } from '../storage/task-store.ts';

const refused = (text: string): TaskCommandResult => ({ is: 'refused', text });

/** The task's pull request at the git host: opened by evidence, and watched until it ends. */
export class PullRequests {
  readonly #store: TaskStore;
  readonly #aggregate: TaskAggregate;
  readonly #ports: () => TaskPorts;
  readonly #feedback: FeedbackWatch;
  #delivering: Promise<void> | null = null;
  readonly #pollAgain = coalesced(() => this.#pollOnce());

  constructor(
    store: TaskStore,
    aggregate: TaskAggregate,
    ports: () => TaskPorts,
    feedback: FeedbackWatch,
  ) {
    this.#store = store;
    this.#aggregate = aggregate;
    this.#ports = ports;
    this.#feedback = feedback;
  }

  /** Looks for the pushed commit and opens the draft pull request, at most once. A call during another joins it. */
  deliver(): Promise<void> {
    this.#delivering ??= this.#deliverOnce().finally(() => {
      this.#delivering = null;
    });
    return this.#delivering;
  }

  async #deliverOnce(): Promise<void> {
    const { state } = this.#store.record;
    if (state.is !== 'delivering') return;
    const spec = this.#aggregate.spec();
    const { repository, branch, baseBranch, taskId } = spec;
    const { commit, title, body } = state.result;
    const issue = this.#store.issue?.number ?? null;
    const asker = await this.#ports()
      .thread(spec.personId)
      .asker(repository)
      .catch(() => null);
    const outcome = await deliver(
      this.#ports().github,
      {
        taskId,
        asker,
        repository,
        branch,
        baseBranch,
        commit,
        title,
        body,
        own: ownWords(spec),
        issue,
      },
      state.tries,
    );
    this.#store.transaction(() => {
      if (outcome.is === 'opened') {
        const { pullRequest } = outcome;
        const unchanged = this.#store.record.delivered?.commit === commit;
        // A follow-up goes into the one that is there.
        if (this.#store.record.pullRequest === null) {
          this.#aggregate.note(Date.now(), { type: 'pull_request', pullRequest });
        }
        // The branch holds the work from now on; a follow-up begins there.
        this.#aggregate.checkpoints.dropBundle(Date.now());
        this.#aggregate.apply({ on: 'pull_request_opened', pullRequest, commit: outcome.commit });
        this.#feedback.answer(pullRequest.number, unchanged ? null : commit, state.result.summary);
        this.#aggregate.goOnIfPrompted();
      } else {
        const { reason, retryAfterMs } = outcome;
        this.#aggregate.apply({ on: 'delivery_failed', reason, retryAfterMs });
      }
    });
  }

  /** Asks the git host how the pull request stands. */
  async poll(): Promise<void> {
    await this.#pollAgain();
  }

  /** True while something at the host could move the task. */
  get watches(): boolean {
    const { state } = this.#store.record;
    return !isFinal(state) || (state.is === 'cancelled' && state.by === 'host');
  }

  async #pollOnce(): Promise<void> {
    const { state, delivered } = this.#store.record;
    // One that was closed at the host may be opened there again.
    const closed = state.is === 'cancelled' && state.by === 'host';
    if (delivered === null) return;
    if (state.is !== 'checking' && state.is !== 'in_review' && !closed) return;
    const { repository } = this.#aggregate.spec();
    const { number } = delivered.pullRequest;
    const seen = await this.#ports().github.pullRequest(repository, number);
    if (seen.is === 'failed') return this.#onFailure('pull_request', seen.failure);
    const { state: now, draft, mergeable } = seen.value;
    if (closed || now !== 'open') return this.#onSeen(now, null);
    if (await this.#hasMoved(delivered.commit, seen.value.head)) {
      return this.#onMoved(seen.value.head);
    }
    if (state.is === 'in_review') {
      const comments = await this.#lookAtFeedback(number);
      if (comments === null) return;
      if (mergeable === false && this.#onConflict()) return;
      // While the host works it out, what it said last holds.
      this.#leave({ comments, ...(mergeable !== null && { conflicts: !mergeable }) });
    }
    // In review, too: checks may be late, be run again, or turn red.
    await this.#lookAtChecks(delivered.commit, number, draft);
  }

  /** True when somebody pushed to the pull request since the task last did. */
  async #hasMoved(commit: string, head: string): Promise<boolean> {
    if (head === commit) return false;
    const { repository } = this.#aggregate.spec();
    const newer = await isNewer(this.#ports().github, repository, commit, head);
    if (newer.is === 'ok') return newer.value;
    this.#onFailure('compare', newer.failure);
    return false;
  }

  #onMoved(commit: string): void {
    this.#store.transaction(() => this.#aggregate.apply({ on: 'head_moved', commit }));
  }

  /**
   * Merges as the person saw it: only while its head is the commit whose checks they were shown. One
   * that has moved is looked at again at once, whichever way it moved: then they can merge that.
   *
   * @returns a refusal in plain words when the host does not.
   */
  async merge(by: DecidedBy): Promise<TaskCommandResult> {
    const { state, delivered } = this.#store.record;
    if (state.is === 'checking') return refused('Its checks are still running.');
    if (state.is !== 'in_review' || delivered === null) {
      return refused('This task has no pull request that waits.');
    }
    const spec = this.#aggregate.spec();
    const { repository } = spec;
    const { number } = delivered.pullRequest;
    const { github } = this.#ports();
    const ready = await github.markReady(repository, number);
    const merged =
      ready.is === 'failed'
        ? ready
        : await github.merge(repository, number, delivered.commit, mergeWords(spec, number));
    if (merged.is === 'failed') return refused(sentenceOf(merged.failure, repository));
    const outcome = merged.value;
    switch (outcome.is) {
      case 'merged':
        this.#onSeen('merged', outcomeBy('Merged', by, Date.now()));
        return { is: 'done' };
      case 'moved': {
        const now = await github.pullRequest(repository, number);
        if (now.is === 'ok' && now.value.state === 'open') this.#onMoved(now.value.head);
        return refused('Somebody pushed to the pull request meanwhile. Look at it again.');
      }
      case 'not_mergeable':
        return this.#onNotMergeable(number, outcome.message);
    }
  }

  /** The host says that it does not merge, and not why: a conflict is the worker's, as at any other look. */
  async #onNotMergeable(number: number, message: string): Promise<TaskCommandResult> {
    const { repository, baseBranch } = this.#aggregate.spec();
    const now = await this.#ports().github.pullRequest(repository, number);
    if (now.is === 'failed' || now.value.mergeable !== false) {
      return refused(`The git host does not merge it: ${message}.`);
    }
    if (this.#onConflict()) {
      return refused(
        `It conflicts with ${baseBranch}. The worker resolves that now, and it comes back for review.`,
      );
    }
    this.#leave({ conflicts: true });
    return refused(`It conflicts with ${baseBranch}. Have the worker resolve that first.`);
  }

  async #lookAtChecks(commit: string, number: number, isDraft: boolean): Promise<void> {
    const { repository } = this.#aggregate.spec();
    const { github } = this.#ports();
    // Their logs are read once, for the worker: not at each look at checks that stay red.
    const withLogs = whoseFailedChecks(this.#store.record) === 'worker';
    const checks = await github.checks(repository, commit, withLogs);
    if (checks.is === 'failed') return this.#onFailure('checks', checks.failure);
    const seen = checksVerdict(checks.value);
    if (seen.is === 'passed' && isDraft && !this.#passedBefore) {
      const ready = await github.markReady(repository, number);
      // It is tried again at the next look, unless the host refuses for good: then it stays a draft.
      if (ready.is === 'failed' && retryLaterMs(ready.failure) !== null) {
        return this.#onFailure('ready', ready.failure);
      }
    }
    this.#store.transaction(() => {
      if (seen.is !== 'failed') {
        this.#aggregate.apply({ on: 'checks_seen', seen });
        return;
      }
      const names = seen.failed.slice(0, NAMED_MAX).map(({ name }) => name);
      this.#aggregate.apply({
        on: 'checks_failed',
        names,
        text: checksPrompt(number, seen.failed),
      });
    });
  }

  /** Whoever made it a draft again after that wants it so. */
  get #passedBefore(): boolean {
    const { state } = this.#store.record;
    return state.is === 'in_review' && state.checks.is === 'passed';
  }

  /** What is left of what was said to the person; null when nothing else is to be looked at: there was something for the worker, or the host does not tell. */
  async #lookAtFeedback(number: number): Promise<LeftOpen['comments'] | null> {
    const { repository } = this.#aggregate.spec();
    const all = await this.#ports().github.feedback(repository, number);
    const said = all.is === 'ok' ? await this.#feedback.weigh(all.value) : all;
    if (said.is === 'ok') return this.#feedback.look(number, said.value);
    this.#onFailure('feedback', said.failure);
    return null;
  }

  /** The next look asks again, not before the host wants; until then the log says why nothing moves. */
  #onFailure(of: string, failure: GitHubFailure): void {
    const { taskId, repository } = this.#aggregate.spec();
    const why = sentenceOf(failure, repository);
    log.warn('task.host_not_read', { taskId, of, why });
    const retryAfterMs = leastWaitMs(failure);
    this.#store.transaction(() => this.#aggregate.apply({ on: 'poll_failed', why, retryAfterMs }));
  }

  #onSeen(as: 'open' | 'merged' | 'closed', outcome: InboxOutcome | null): void {
    this.#store.transaction(() => {
      const { issue } = this.#store;
      if (
        !this.#aggregate.apply({ on: 'pull_request_seen', as, outcome }) ||
        as !== 'merged' ||
        issue === null
      ) {
        return;
      }
      // Hosts do so by themselves only when the base is the default branch.
      this.#store.outbox.add(closing('issue', issue.number, null), Date.now());
    });
  }

  /** True when the worker is to resolve it. */
  #onConflict(): boolean {
    const text = conflictsPrompt(this.#aggregate.spec().baseBranch);
    return this.#store.transaction(() => this.#aggregate.apply({ on: 'conflict', text }));
  }

  /** The person is shown what the worker does not see to by itself. */
  #leave(left: Partial<LeftOpen>): void {
    const { state } = this.#store.record;
    if (state.is !== 'in_review') return;
    const leftOpen = { ...(state.leftOpen ?? NOTHING_LEFT), ...left };
    this.#store.transaction(() => this.#aggregate.apply({ on: 'left_open', leftOpen }));
  }
}
