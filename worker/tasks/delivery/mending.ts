import type { DecidedBy } from '../../../protocol/decision.ts';
import type { Mending as Mend } from '../../../protocol/task-command.ts';
import { type GitHubResult } from '../../github/port.ts';
import { sentenceOf } from '../../github/failures.ts';
import type { TaskAggregate } from '../aggregate.ts';
import type { TaskCommandResult } from '../api.ts';
import { outcomeBy } from '../decisions/wording.ts';
import type { TaskRecord } from '../lifecycle/state.ts';
import type { TaskPorts } from '../ports.ts';
import type { TaskStore } from '../storage/task-store.ts';
import { checksVerdict } from './checks.ts';
import { type Feedback, checksPrompt, commentsPrompt, conflictsPrompt } from './feedback.ts';
import type { FeedbackWatch } from './feedback-watch.ts';

/** What is said of the item that folds away. */
const SETTLED: Record<Mend, string> = {
  checks: 'Back to the worker: its checks fail',
  conflicts: 'Back to the worker: it conflicts with its base',
  comments: 'Back to the worker: comments to look at',
};

type Prompt = { is: 'prompt'; text: string; given: Feedback[] } | { is: 'refused'; text: string };

const refused = (text: string) => ({ is: 'refused', text }) as const;

/** Gives a pull request back to its worker because the person wants something put right, as the host shows it now. */
export class Mending {
  readonly #store: TaskStore;
  readonly #aggregate: TaskAggregate;
  readonly #ports: () => TaskPorts;
  readonly #feedback: FeedbackWatch;

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

  /** @returns a refusal in plain words where there is nothing to put right, or the host does not tell. */
  async mend(what: Mend, by: DecidedBy): Promise<TaskCommandResult> {
    const { state, delivered } = this.#store.record;
    if (state.is !== 'in_review' || delivered === null) {
      return refused('This task has no pull request that waits.');
    }
    const prompt = await this.#prompt(what, delivered);
    if (prompt.is === 'refused') return prompt;
    return this.#store.transaction(() => {
      const outcome = outcomeBy(SETTLED[what], by, Date.now());
      if (!this.#aggregate.apply({ on: 'mend', text: prompt.text, outcome })) {
        return refused('It has moved on meanwhile. Look at it again.');
      }
      if (prompt.given.length > 0) this.#feedback.onGiven(prompt.given);
      return { is: 'done' };
    });
  }

  async #prompt(what: Mend, delivered: NonNullable<TaskRecord['delivered']>): Promise<Prompt> {
    const { repository, baseBranch } = this.#aggregate.spec();
    const { number } = delivered.pullRequest;
    const { github } = this.#ports();
    const notRead = (answer: Extract<GitHubResult<unknown>, { is: 'failed' }>) =>
      refused(sentenceOf(answer.failure, repository));
    switch (what) {
      case 'checks': {
        const checks = await github.checks(repository, delivered.commit, true);
        if (checks.is === 'failed') return notRead(checks);
        const seen = checksVerdict(checks.value);
        if (seen.is !== 'failed') return refused('None of its checks fails now.');
        return { is: 'prompt', text: checksPrompt(number, seen.failed), given: [] };
      }
      case 'conflicts': {
        const shown = await github.pullRequest(repository, number);
        if (shown.is === 'failed') return notRead(shown);
        if (shown.value.mergeable !== false)
          return refused('It does not conflict with its base now.');
        return { is: 'prompt', text: conflictsPrompt(baseBranch), given: [] };
      }
      case 'comments': {
        const all = await github.feedback(repository, number);
        if (all.is === 'failed') return notRead(all);
        const said = await this.#feedback.weigh(all.value);
        if (said.is === 'failed') return notRead(said);
        const left = this.#feedback.left(said.value);
        if (left === null) return refused('There is no comment that the worker was not given.');
        return { is: 'prompt', text: commentsPrompt(number, left.words), given: left.given };
      }
    }
  }
}
