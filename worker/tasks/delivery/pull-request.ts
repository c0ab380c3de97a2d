import { coalesced } from '../../platform/coalesce.ts';
import { checksVerdict } from './checks.ts';
import { deliver } from './deliver.ts';
import { isNewer } from './moved-head.ts';
import { checksPrompt, feedbackNote, feedbackPrompt, forWorker } from './feedback.ts';
import { type GitHubFailure, retryLaterMs, sentenceOf } from '../../github/failures.ts';
import { log } from '../../platform/log.ts';
import type { TaskCommandResult } from '../api.ts';
import type { TaskAggregate } from '../aggregate.ts';
import type { TaskPorts } from '../ports.ts';
import { isFinal } from '../lifecycle/state.ts';
import type { IntentBody, TaskStore } from '../storage/task-store.ts';

const refused = (text: string): TaskCommandResult => ({ is: 'refused', text });

/** The task's pull request at the git host: opened by evidence, and watched until it ends. */
export class PullRequests {
  readonly #store: TaskStore;
  readonly #aggregate: TaskAggregate;
  readonly #ports: () => TaskPorts;
  #delivering: Promise<void> | null = null;
  readonly #pollAgain = coalesced(() => this.#pollOnce());

  constructor(store: TaskStore, aggregate: TaskAggregate, ports: () => TaskPorts) {
    this.#store = store;
    this.#aggregate = aggregate;
    this.#ports = ports;
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
    const { repository, branch, baseBranch, taskId } = this.#aggregate.spec();
    const { commit, title, body } = state.result;
    const outcome = await deliver(this.#ports().github, {
      taskId,
      repository,
      branch,
      baseBranch,
      commit,
      title,
      body,
      issue: this.#store.issue?.number ?? null,
    });
    this.#store.transaction(() => {
      if (outcome.is === 'opened') {
        const { pullRequest } = outcome;
        // A follow-up goes into the one that is there.
        if (this.#store.record.pullRequest === null) {
          this.#aggregate.note(Date.now(), { type: 'pull_request', pullRequest });
        }
        // The branch holds the work from now on; a follow-up begins there.
        this.#aggregate.checkpoints.dropBundle(Date.now());
        this.#aggregate.apply({ on: 'pull_request_opened', pullRequest, commit: outcome.commit });
        this.#answerFeedback(pullRequest.number, commit, state.result.summary);
        this.#aggregate.goOnIfPrompted();
      } else {
        const { reason, retryAfterMs } = outcome;
        this.#aggregate.apply({ on: 'delivery_failed', reason, retryAfterMs });
      }
    });
  }

  /** Asks the git host how the pull request stands: when it is time to, or `now`. */
  async poll(now = false): Promise<void> {
    const { state } = this.#store.record;
    if (now || ('pollAt' in state && Date.now() >= state.pollAt)) await this.#pollAgain();
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
    if (seen.is === 'failed') return this.#logFailure('pull_request', seen.failure);
    if (closed || seen.value.state !== 'open') {
      this.#onSeen(seen.value.state);
    } else if (await this.#hasMoved(delivered.commit, seen.value.head)) {
      this.#onMoved(seen.value.head);
    } else if (state.is === 'checking') {
      await this.#lookAtChecks(delivered.commit, number, seen.value.draft);
    } else if (!(await this.#lookAtFeedback(number))) {
      if (seen.value.mergeable === false) this.#onConflict();
      // The host may have shown none at first, because it was slow.
      else if (state.is === 'in_review' && state.checks.is === 'none')
        await this.#lookAtChecks(delivered.commit, number, false);
    }
  }

  /** True when somebody pushed to the pull request since the task last did. */
  async #hasMoved(commit: string, head: string): Promise<boolean> {
    if (head === commit) return false;
    const { repository } = this.#aggregate.spec();
    const newer = await isNewer(this.#ports().github, repository, commit, head);
    if (newer.is === 'ok') return newer.value;
    this.#logFailure('compare', newer.failure);
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
  async merge(): Promise<TaskCommandResult> {
    const { state, delivered } = this.#store.record;
    if (state.is === 'checking') return refused('Its checks are still running.');
    if (state.is !== 'in_review' || delivered === null) {
      return refused('This task has no pull request that waits.');
    }
    const { repository } = this.#aggregate.spec();
    const { number } = delivered.pullRequest;
    const { github } = this.#ports();
    const ready = await github.markReady(repository, number);
    const merged =
      ready.is === 'failed' ? ready : await github.merge(repository, number, delivered.commit);
    if (merged.is === 'failed') return refused(sentenceOf(merged.failure, repository));
    const outcome = merged.value;
    switch (outcome.is) {
      case 'merged':
        this.#onSeen('merged');
        return { is: 'done' };
      case 'moved': {
        const now = await github.pullRequest(repository, number);
        if (now.is === 'ok' && now.value.state === 'open') this.#onMoved(now.value.head);
        return refused('Somebody pushed to the pull request meanwhile. Look at it again.');
      }
      case 'not_mergeable':
        return refused(`The git host does not merge it: ${outcome.message}.`);
    }
  }

  async #lookAtChecks(commit: string, number: number, isDraft: boolean): Promise<void> {
    const { repository } = this.#aggregate.spec();
    const { github } = this.#ports();
    const checks = await github.checks(repository, commit);
    if (checks.is === 'failed') return this.#logFailure('checks', checks.failure);
    const seen = checksVerdict(checks.value);
    if (seen.is === 'passed' && isDraft) {
      const ready = await github.markReady(repository, number);
      // It is tried again at the next look, unless the host refuses for good: then it stays a draft.
      if (ready.is === 'failed' && retryLaterMs(ready.failure) !== null) return;
    }
    this.#store.transaction(() => {
      if (seen.is !== 'failed') {
        this.#aggregate.apply({ on: 'checks_seen', seen });
        return;
      }
      const names = seen.failed.map(({ name }) => name);
      this.#aggregate.apply({
        on: 'checks_failed',
        names,
        text: checksPrompt(number, seen.failed),
      });
    });
  }

  /** True when there was something for the worker. */
  async #lookAtFeedback(number: number): Promise<boolean> {
    const { repository } = this.#aggregate.spec();
    const all = await this.#ports().github.feedback(repository, number);
    if (all.is === 'failed') {
      this.#logFailure('feedback', all.failure);
      return false;
    }
    return this.#store.transaction(() => {
      const { seen, open } = this.#store.feedback;
      const fresh = forWorker(all.value, new Set(seen));
      if (fresh.length === 0) return false;
      const text = feedbackPrompt(number, fresh);
      if (!this.#aggregate.apply({ on: 'feedback', text })) return false;
      const refs = fresh.map(({ id, kind, commentId }) => ({ id, kind, commentId }));
      this.#store.feedback = {
        seen: [...seen, ...fresh.map(({ id }) => id)],
        open: [...open, ...refs],
      };
      for (const to of refs) {
        this.#store.addIntent(`acknowledge:${to.id}`, { do: 'acknowledge', to }, Date.now());
      }
      this.#aggregate.note(Date.now(), { type: 'message', text: feedbackNote(fresh) });
      return true;
    });
  }

  /** The next look asks again; until then the log says why nothing moves. */
  #logFailure(of: string, failure: GitHubFailure): void {
    const { taskId, repository } = this.#aggregate.spec();
    log.warn('task.host_not_read', { taskId, of, why: sentenceOf(failure, repository) });
  }

  #onSeen(as: 'open' | 'merged' | 'closed'): void {
    this.#store.transaction(() => {
      const { issue } = this.#store;
      if (
        !this.#aggregate.apply({ on: 'pull_request_seen', as }) ||
        as !== 'merged' ||
        issue === null
      ) {
        return;
      }
      // Hosts do so by themselves only when the base is the default branch.
      const body: IntentBody = { do: 'close', what: 'issue', number: issue.number, text: null };
      this.#store.addIntent('close_issue', body, Date.now());
    });
  }

  #onConflict(): void {
    const { baseBranch } = this.#aggregate.spec();
    const text = `Your branch conflicts with ${baseBranch}, which has moved on. Fetch it, merge origin/${baseBranch} into your branch, resolve the conflicts so that both changes keep their meaning, run the tests, and commit. If you cannot tell what is meant, ask.`;
    this.#store.transaction(() => this.#aggregate.apply({ on: 'conflict', text }));
  }

  /** What was addressed by the delivery gets its answer, in its thread. */
  #answerFeedback(number: number, commit: string, summary: string): void {
    const { seen, open } = this.#store.feedback;
    const text = `Addressed in ${commit.slice(0, 7)}. ${summary}`;
    for (const to of open) {
      this.#store.addIntent(`reply:${to.id}`, { do: 'reply', number, to, text }, Date.now());
    }
    this.#store.feedback = { seen, open: [] };
  }
}
