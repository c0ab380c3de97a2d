import { ulid } from 'ulid';
import type { WorkerModel } from '../../protocol/model.ts';
import type { QueuedMessage } from '../../protocol/task.ts';
import type { RetryFrom, TaskCommandResult } from './api.ts';
import type { TaskAggregate } from './aggregate.ts';
import type { TaskStore } from './storage/task-store.ts';
import { QUEUED_MAX, type QueuedMessages } from './storage/queued-messages.ts';

/** The comment on what is closed with its task. */
const CLOSED = 'The task was cancelled, so this is closed.';
const DONE: TaskCommandResult = { is: 'done' };
const refused = (text: string): TaskCommandResult => ({ is: 'refused', text });

/** What the person asks of a task beyond its questions and plans. Call all inside a transaction. */
export class Requests {
  readonly #store: TaskStore;
  readonly #queue: QueuedMessages;
  readonly #aggregate: TaskAggregate;

  constructor(store: TaskStore, queue: QueuedMessages, aggregate: TaskAggregate) {
    this.#store = store;
    this.#queue = queue;
    this.#aggregate = aggregate;
  }

  cancel(close: boolean): TaskCommandResult {
    if (!this.#aggregate.apply({ on: 'cancel', outcome: null })) {
      return refused('This task has ended already.');
    }
    const { pullRequest } = this.#store.record;
    const { issue } = this.#store;
    const now = Date.now();
    if (close && pullRequest !== null) {
      const { number } = pullRequest;
      this.#store.addIntent(
        'close_pull_request',
        { do: 'close', what: 'pull', number, text: CLOSED },
        now,
      );
    }
    if (close && issue !== null) {
      const { number } = issue;
      this.#store.addIntent(
        'close_issue',
        { do: 'close', what: 'issue', number, text: CLOSED },
        now,
      );
    }
    return DONE;
  }

  retry(from: RetryFrom): TaskCommandResult {
    if (!this.#aggregate.apply({ on: 'retry', from })) {
      return refused('Only a task that failed or was cancelled can be tried again.');
    }
    if (from === 'scratch') {
      this.#aggregate.checkpoints.dropAll(Date.now());
      // They belonged to the session that is forgotten.
      this.#store.removeMail(this.#store.mail().map(({ id }) => id));
    }
    return DONE;
  }

  raiseBudget(limit: number): TaskCommandResult {
    const used = this.#store.usage.total().cost;
    if (limit <= used) {
      return refused(`It has cost $${used.toFixed(2)} already: a budget has to be above that.`);
    }
    this.#store.budget = limit;
    const at = Date.now();
    const outcome = { by: 'person' as const, text: `Budget raised to $${limit.toFixed(2)}`, at };
    if (!this.#aggregate.apply({ on: 'go_on', scope: 'task', outcome }))
      this.#aggregate.tellSummary();
    return DONE;
  }

  message(text: string, when: 'now' | 'later'): TaskCommandResult {
    const { state } = this.#store.record;
    switch (state.is) {
      case 'waiting':
        // Claude Code waits for the answer to its own call: other words come after it.
        return state.what.for === 'word' || state.what.for === 'plan_limit'
          ? this.#give(text)
          : this.#putInQueue(text);
      // While its work is delivered it is kept: the task goes on with it afterwards.
      case 'delivering':
      case 'queued':
      case 'starting':
      case 'working':
        return when === 'later' ? this.#putInQueue(text) : this.#give(text);
      case 'checking':
      case 'in_review':
      case 'done':
      case 'failed':
      case 'cancelled':
        return this.#give(text);
    }
  }

  arrangeQueue(messages: QueuedMessage[]): TaskCommandResult {
    this.#queue.arrange(messages);
    this.#aggregate.tellSummary();
    return DONE;
  }

  interrupt(): TaskCommandResult {
    const { state } = this.#store.record;
    if (state.is !== 'working') return refused('This task is not in the middle of a turn.');
    this.#store.post({ type: 'interrupt', id: ulid() });
    return DONE;
  }

  setModel(model: WorkerModel): TaskCommandResult {
    this.#store.setModel(model);
    this.#aggregate.tellSummary();
    return DONE;
  }

  #give(text: string): TaskCommandResult {
    this.#store.post({ type: 'message', id: ulid(), text });
    this.#aggregate.note(Date.now(), { type: 'message', text });
    this.#aggregate.apply({ on: 'prompt_received', approved: false, outcome: null });
    return DONE;
  }

  #putInQueue(text: string): TaskCommandResult {
    if (this.#queue.all().length >= QUEUED_MAX) {
      return refused(`${QUEUED_MAX} messages wait for this task already.`);
    }
    this.#queue.add({ id: ulid(), text });
    this.#aggregate.tellSummary();
    return DONE;
  }
}
