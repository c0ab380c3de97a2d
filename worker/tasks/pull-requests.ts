import { deliver } from '../github/deliver.ts';
import type { TaskCore } from './core.ts';
import type { TaskOutside } from './outside.ts';
import type { TaskStore } from './store.ts';

/** The task's pull request at the git host: opened by evidence, and watched until it ends. */
export class PullRequests {
  readonly #store: TaskStore;
  readonly #core: TaskCore;
  readonly #outside: () => TaskOutside;
  #delivering: Promise<void> | null = null;

  constructor(store: TaskStore, core: TaskCore, outside: () => TaskOutside) {
    this.#store = store;
    this.#core = core;
    this.#outside = outside;
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
    const { repository, branch, baseBranch, taskId } = this.#core.spec();
    const { commit, title, body } = state.result;
    const outcome = await deliver(this.#outside().github, {
      taskId,
      repository,
      branch,
      baseBranch,
      commit,
      title,
      body,
    });
    this.#store.transaction(() => {
      if (outcome.is === 'opened') {
        const { pullRequest } = outcome;
        this.#core.note(Date.now(), { type: 'pull_request', pullRequest });
        // The branch holds the work from now on; a follow-up begins there.
        this.#store.checkpoint = { ...this.#store.checkpoint, bundle: null };
        this.#core.apply({ on: 'pull_request_opened', pullRequest });
        this.#core.goOnIfTold();
      } else {
        const { reason, retryAfterMs } = outcome;
        this.#core.apply({ on: 'delivery_failed', reason, retryAfterMs });
      }
    });
  }

  /** Asks the git host what became of a pull request in review, when it is time to. */
  async look(): Promise<void> {
    const { state } = this.#store.record;
    if (state.is !== 'in_review' || Date.now() < state.pollAt) return;
    const { repository } = this.#core.spec();
    const seen = await this.#outside().github.pullRequest(repository, state.pullRequest.number);
    if (seen.is === 'failed') return;
    this.#store.transaction(() =>
      this.#core.apply({ on: 'pull_request_seen', as: seen.value.state }),
    );
  }
}
