import { ulid } from 'ulid';
import type { Attachment } from '../../protocol/attachment.ts';
import type { DecidedBy } from '../../protocol/decision.ts';
import type { WorkerModel } from '../../protocol/model.ts';
import type { QueuedMessage } from '../../protocol/task.ts';
import type { RetryFrom, TaskCommand } from '../../protocol/task-command.ts';
import type { InstantCommand, TaskCommandResult } from './api.ts';
import type { TaskAggregate } from './aggregate.ts';
import type { Decisions } from './decisions/decisions.ts';
import { outcomeBy } from './decisions/wording.ts';
import { feedbackPrompt } from './delivery/feedback.ts';
import type { Mending } from './delivery/mending.ts';
import type { PullRequests } from './delivery/pull-request.ts';
import { closing } from './lifecycle/outbox-effect.ts';
import type { TaskStore } from './storage/task-store.ts';
import { QUEUED_MAX, type QueuedMessages, areTooLong } from './storage/queued-messages.ts';

/** The comment on what is closed with its task. */
const CLOSED = 'The task was cancelled, so this is closed.';
const TOO_LONG =
  'The messages that wait for this task would be too long together. Send this once some of them were given, or put it into a file of the repository.';
const DONE: TaskCommandResult = { is: 'done' };
const refused = (text: string): TaskCommandResult => ({ is: 'refused', text });

type Said = Extract<TaskCommand, { do: 'message' }>;
type Words = { text: string; attachments: Attachment[] };

/** Where everything that is asked of a task arrives: each command once, by its id. */
export class Requests {
  readonly #store: TaskStore;
  readonly #queue: QueuedMessages;
  readonly #aggregate: TaskAggregate;
  readonly #decisions: Decisions;
  readonly #pullRequests: PullRequests;
  readonly #mending: Mending;
  /** What is being asked of the host, by what it is. */
  readonly #asking = new Map<string, Promise<TaskCommandResult>>();

  constructor(parts: {
    store: TaskStore;
    queue: QueuedMessages;
    aggregate: TaskAggregate;
    decisions: Decisions;
    pullRequests: PullRequests;
    mending: Mending;
  }) {
    this.#store = parts.store;
    this.#queue = parts.queue;
    this.#aggregate = parts.aggregate;
    this.#decisions = parts.decisions;
    this.#pullRequests = parts.pullRequests;
    this.#mending = parts.mending;
  }

  /** Does what is asked, or refuses in words; what was answered before is answered so again. */
  async command(id: string, command: TaskCommand, by: DecidedBy): Promise<TaskCommandResult> {
    switch (command.do) {
      case 'merge':
        return this.#askHost(id, 'merge', () => this.#pullRequests.merge(by));
      case 'mend':
        return this.#askHost(id, command.what, () => this.#mending.mend(command.what, by));
      default:
        return this.act(id, command, by);
    }
  }

  /** The same within the transaction that its caller has open. */
  act(id: string, command: InstantCommand, by: DecidedBy): TaskCommandResult {
    return this.#store.transaction(() => {
      const result = this.#store.commandResult(id) ?? this.#carryOut(command, by);
      this.#store.keepCommandResult(id, result);
      return result;
    });
  }

  /** The host is asked once, whoever asks meanwhile: it would call the second merge impossible. */
  async #askHost(
    id: string,
    what: string,
    work: () => Promise<TaskCommandResult>,
  ): Promise<TaskCommandResult> {
    const known = this.#store.commandResult(id);
    if (known !== null) return known;
    const going = this.#asking.get(what) ?? work().finally(() => this.#asking.delete(what));
    this.#asking.set(what, going);
    const result = await going;
    this.#store.keepCommandResult(id, result);
    return result;
  }

  #carryOut(command: InstantCommand, by: DecidedBy): TaskCommandResult {
    switch (command.do) {
      case 'cancel':
        return this.#cancel(command.close, by);
      case 'retry':
        return this.#retry(command.from, by);
      case 'message':
        return this.#message(command, by);
      case 'arrange_queue':
        return this.#arrangeQueue(command.messages);
      case 'interrupt':
        return this.#interrupt();
      case 'set_model':
        return this.#setModel(command.model);
      case 'raise_budget':
        return this.#raiseBudget(command.limit, by);
      case 'answer':
        return this.#decisions.answer(command.questionId, command.answers, by);
      case 'mark_viewed':
        this.#store.markViewed(command.mark, command.isViewed);
        return DONE;
      case 'decide':
        return this.#decisions.decide(command.planId, command.hash, command.verdict, by);
    }
  }

  #cancel(close: boolean, by: DecidedBy): TaskCommandResult {
    const now = Date.now();
    if (!this.#aggregate.apply({ on: 'cancel', outcome: outcomeBy('Cancelled', by, now) })) {
      return refused('This task has ended already.');
    }
    const { pullRequest } = this.#store.record;
    const { issue } = this.#store;
    if (close && pullRequest !== null) {
      const { number } = pullRequest;
      this.#store.outbox.add(closing('pull', number, CLOSED), now);
    }
    if (close && issue !== null)
      this.#store.outbox.add(closing('issue', issue.number, CLOSED), now);
    return DONE;
  }

  #retry(from: RetryFrom, by: DecidedBy): TaskCommandResult {
    const outcome = outcomeBy('Retried', by, Date.now());
    if (!this.#aggregate.apply({ on: 'retry', from, outcome })) {
      return refused('Only a task that failed or was cancelled can be tried again.');
    }
    if (from === 'scratch') {
      this.#aggregate.checkpoints.dropAll(Date.now());
      // They belonged to the session that is forgotten.
      this.#store.removeMail(this.#store.mail().map(({ id }) => id));
    }
    return DONE;
  }

  #raiseBudget(limit: number, by: DecidedBy): TaskCommandResult {
    const used = this.#store.usage.total().cost;
    if (limit <= used) {
      return refused(`It has cost $${used.toFixed(2)} already: a budget has to be above that.`);
    }
    this.#store.budget = limit;
    const outcome = outcomeBy(`Budget raised to $${limit.toFixed(2)}`, by, Date.now());
    if (!this.#aggregate.apply({ on: 'go_on', scope: 'task', outcome }))
      this.#aggregate.tellSummary();
    return DONE;
  }

  #message({ text, when, attachments = [] }: Said, by: DecidedBy): TaskCommandResult {
    const words = { text, attachments };
    const { state } = this.#store.record;
    switch (state.is) {
      case 'waiting':
        // Claude Code waits for the answer to its own call: other words come after it.
        return state.what.for === 'word' || state.what.for === 'plan_limit'
          ? this.#give(words, by)
          : this.#putInQueue(words);
      // While its work is delivered it is kept: the task goes on with it afterwards.
      case 'delivering':
      case 'queued':
      case 'starting':
      case 'working':
        return when === 'later' ? this.#putInQueue(words) : this.#give(words, by);
      case 'checking':
      case 'in_review':
      case 'done':
      case 'failed':
      case 'cancelled':
        return this.#give(words, by);
    }
  }

  #arrangeQueue(messages: QueuedMessage[]): TaskCommandResult {
    if (areTooLong(messages)) return refused(TOO_LONG);
    const before = this.#queue.all().flatMap(({ attachments = [] }) => attachments);
    this.#queue.arrange(messages);
    this.#aggregate.tellSummary();
    const kept = [
      ...this.#queue.all().flatMap(({ attachments = [] }) => attachments),
      ...this.#store.attachments(),
    ].map(({ id }) => id);
    const tookBack = before.map(({ id }) => id).filter((id) => !kept.includes(id));
    return tookBack.length === 0 ? DONE : { is: 'done', tookBack };
  }

  #interrupt(): TaskCommandResult {
    const { state } = this.#store.record;
    if (state.is !== 'working') return refused('This task is not in the middle of a turn.');
    this.#store.post({ type: 'interrupt', id: ulid() });
    return DONE;
  }

  #setModel(model: WorkerModel): TaskCommandResult {
    this.#store.changeSpec({ model });
    this.#aggregate.tellSummary();
    return DONE;
  }

  #give({ text, attachments }: Words, by: DecidedBy): TaskCommandResult {
    const { pullRequest } = this.#store.record;
    const now = Date.now();
    const isFeedback = by.is === 'github' && pullRequest !== null;
    const words = isFeedback ? feedbackPrompt(pullRequest.number, text) : text;
    const attached = attachments.length > 0 && { attachments };
    this.#store.post({ type: 'message', id: ulid(), text: words, ...attached });
    this.#store.addAttachments(attachments);
    this.#aggregate.note(now, { type: 'message', text, ...attached });
    const outcome = outcomeBy(
      isFeedback ? 'Goes on with what was said' : 'Goes on with your message',
      by,
      now,
    );
    this.#aggregate.apply({ on: 'prompt_received', approved: false, outcome });
    return DONE;
  }

  #putInQueue({ text, attachments }: Words): TaskCommandResult {
    if (this.#queue.all().length >= QUEUED_MAX) {
      return refused(`${QUEUED_MAX} messages wait for this task already.`);
    }
    const message = { id: ulid(), text, ...(attachments.length > 0 && { attachments }) };
    if (areTooLong([...this.#queue.all(), message])) return refused(TOO_LONG);
    this.#queue.add(message);
    this.#aggregate.tellSummary();
    return DONE;
  }
}
