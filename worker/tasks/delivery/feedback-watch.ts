import type { LeftOpen } from '../../../protocol/inbox.ts';
import type { GitHubResult } from '../../github/port.ts';
import type { Act } from '../api.ts';
import type { TaskAggregate } from '../aggregate.ts';
import type { FeedbackRef } from '../lifecycle/outbox-effect.ts';
import type { TaskStore } from '../storage/task-store.ts';
import {
  type Feedback,
  type Said,
  feedbackRound,
  forWorker,
  leftOf,
  notForWorker,
} from './feedback.ts';
import { ownWords, quotedHarmless } from './harmless.ts';
import type { Writers } from './writers.ts';

/** What is said about the task's pull request at the git host: who is given it, and what they answer. */
export class FeedbackWatch {
  readonly #store: TaskStore;
  readonly #aggregate: TaskAggregate;
  readonly #act: Act;
  readonly #writers: Writers;

  constructor(store: TaskStore, aggregate: TaskAggregate, act: Act, writers: Writers) {
    this.#store = store;
    this.#aggregate = aggregate;
    this.#act = act;
    this.#writers = writers;
  }

  /** What was said, and who of those whose words the worker was not given yet may write to the repository. */
  async weigh(all: readonly Feedback[]): Promise<GitHubResult<Said>> {
    const seen = new Set(this.#store.feedback.seen);
    const writers = await this.#writers.among(all.filter(({ id }) => !seen.has(id)));
    return writers.is === 'ok'
      ? { is: 'ok', value: { all, seen, writers: writers.value } }
      : writers;
  }

  /** Gives the worker what it must take up. @returns what is left to the person; null when there was something for the worker. */
  look(number: number, weighed: Said): LeftOpen['comments'] | null {
    return this.#store.transaction(() => {
      const { seen, open } = this.#store.feedback;
      // More was perhaps given while the host was asked.
      const said = { ...weighed, seen: new Set(seen) };
      const { given, words } = feedbackRound(forWorker(said));
      const newest = given.at(-1);
      // It may have moved on while the host was asked; what is said then waits for the next review.
      if (newest === undefined || this.#store.record.state.is !== 'in_review') {
        return leftOf(notForWorker(said));
      }
      const command = { do: 'message', text: words, when: 'now' } as const;
      const by = { is: 'github', login: newest.author } as const;
      const result = this.#act(`feedback:${newest.id}`, command, by);
      if (result.is === 'refused') {
        // The same words would be refused at each look: those who said them are told once.
        this.#store.feedback = { seen: [...seen, ...given.map(({ id }) => id)], open };
        this.#reply(number, given, `The worker was not given this. ${result.text}`);
        return leftOf(notForWorker(said));
      }
      this.onGiven(given);
      return null;
    });
  }

  /** What a worker is given when the person says so, of what it is not given unasked; null when there is nothing. */
  left(said: Said): { given: Feedback[]; words: string } | null {
    const left = notForWorker(said);
    return left.length === 0 ? null : feedbackRound(left);
  }

  /** It was given to the worker: whoever said it sees that, and gets an answer with the next delivery. Call in a transaction. */
  onGiven(given: readonly Feedback[]): void {
    const { seen, open } = this.#store.feedback;
    const refs = given.map(({ id, kind, commentId }) => ({ id, kind, commentId }));
    this.#store.feedback = {
      seen: [...seen, ...given.map(({ id }) => id)],
      open: [...open, ...refs],
    };
    for (const to of refs) {
      const row = { key: `acknowledge:${to.id}`, effect: { do: 'acknowledge', to } } as const;
      this.#store.outbox.add(row, Date.now());
    }
  }

  /** What was addressed by the delivery gets its answer, in its thread; without a commit nothing was changed for it. */
  answer(number: number, commit: string | null, summary: string): void {
    const { seen, open } = this.#store.feedback;
    const done = commit === null ? 'Nothing was changed.' : `Addressed in ${commit.slice(0, 7)}.`;
    const words = quotedHarmless(summary, ownWords(this.#aggregate.spec()));
    this.#reply(number, open, `${done}\n\n${words}`);
    this.#store.feedback = { seen, open: [] };
  }

  #reply(number: number, refs: readonly FeedbackRef[], text: string): void {
    for (const { id, kind, commentId } of refs) {
      const effect = { do: 'reply', number, to: { id, kind, commentId }, text } as const;
      this.#store.outbox.add({ key: `reply:${id}`, effect }, Date.now());
    }
  }
}
