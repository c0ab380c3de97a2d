import { coalesced } from '../../platform/coalesce.ts';
import { type Feedback, hasMark, mayAnswer } from '../delivery/feedback.ts';
import { type GitHubFailure, leastWaitMs, sentenceOf } from '../../github/failures.ts';
import { UNREADABLE, readAnswers, readVerdict } from './verdict.ts';
import { askedKey, issueComment } from './issue-rows.ts';
import { heldCommit } from './push-hold.ts';
import { log } from '../../platform/log.ts';
import type { Act, InstantCommand } from '../api.ts';
import type { TaskAggregate } from '../aggregate.ts';
import type { Decision, DecisionStore } from '../storage/decisions.ts';
import { ISSUE_POLL_MS, type Poll, afterFailedPoll, afterPoll } from '../lifecycle/polling.ts';
import type { TaskPorts } from '../ports.ts';
import type { Writers } from '../delivery/writers.ts';
import type { TaskStore } from '../storage/task-store.ts';

/** The issue that goes with a task: shows its questions and plans, and takes decisions from its comments. */
export class IssueThread {
  readonly #store: TaskStore;
  readonly #aggregate: TaskAggregate;
  readonly #kept: DecisionStore;
  readonly #ports: () => TaskPorts;
  readonly #act: Act;
  readonly #writers: Writers;
  readonly #pollAgain = coalesced(() => this.#pollOnce());

  constructor(parts: {
    store: TaskStore;
    aggregate: TaskAggregate;
    kept: DecisionStore;
    ports: () => TaskPorts;
    act: Act;
    writers: Writers;
  }) {
    this.#store = parts.store;
    this.#aggregate = parts.aggregate;
    this.#kept = parts.kept;
    this.#ports = parts.ports;
    this.#act = parts.act;
    this.#writers = parts.writers;
  }

  /** When comments are looked at again; null when nothing waits for one. */
  wakeAt(): number | null {
    const waiting = this.#waiting();
    return waiting === null ? null : this.#poll(waiting.id).pollAt;
  }

  /** Reads the comments below the question or the plan that waits. */
  async poll(): Promise<void> {
    await this.#pollAgain();
  }

  /** Kept, since a task that waits for a person outlives its object's memory many times. */
  #poll(decisionId: string): Poll {
    const kept = this.#store.issuePoll;
    if (kept?.decisionId === decisionId) return kept;
    const poll = {
      pollAt: Date.now() + ISSUE_POLL_MS.first,
      pollAfterMs: ISSUE_POLL_MS.first * 1.5,
    };
    this.#store.issuePoll = { decisionId, ...poll };
    return poll;
  }

  /** The decision that a comment could make. */
  #waiting(): { id: string; number: number } | null {
    if (this.#store.head() === null) return null;
    const { state } = this.#store.record;
    const { issue } = this.#store;
    if (state.is !== 'waiting' || issue === null) return null;
    switch (state.what.for) {
      case 'answers': {
        const { questionId: id } = state.what;
        const isHeld = heldCommit(this.#kept.get(id)?.toolUseId ?? '') !== null;
        return isHeld ? null : { id, number: issue.number };
      }
      case 'approval':
        return { id: state.what.planId, number: issue.number };
      default:
        return null;
    }
  }

  async #pollOnce(): Promise<void> {
    const waiting = this.#waiting();
    if (waiting === null) return;
    const { repository } = this.#aggregate.spec();
    const all = await this.#ports().github.issueComments(repository, waiting.number);
    if (all.is === 'failed') return this.#onFailure(waiting.id, all.failure);
    // Only what was said after it was asked: the host's own order tells.
    const asked = all.value.findIndex(({ body }) => hasMark(body, askedKey(waiting.id)));
    const since = asked === -1 ? [] : all.value.slice(asked + 1);
    const fresh = since.filter(({ id }) => this.#store.commandResult(takenKey(id)) === null);
    const writers = await this.#writers.among(fresh);
    if (writers.is === 'failed') return this.#onFailure(waiting.id, writers.failure);
    const next = afterPoll(this.#poll(waiting.id), ISSUE_POLL_MS, Date.now());
    this.#store.issuePoll = { decisionId: waiting.id, ...next };
    for (const comment of fresh) {
      if (mayAnswer(comment, writers.value) && this.#take(waiting.id, comment)) return;
    }
  }

  #onFailure(decisionId: string, failure: GitHubFailure): void {
    const { taskId, repository } = this.#aggregate.spec();
    const why = sentenceOf(failure, repository);
    log.warn('task.host_not_read', { taskId, of: 'issue', why });
    const retryAfterMs = leastWaitMs(failure);
    const poll = this.#poll(decisionId);
    const { tell, ...next } = afterFailedPoll(poll, retryAfterMs, Date.now());
    this.#store.transaction(() => {
      this.#store.issuePoll = { decisionId, ...next };
      const text = `Comments on its issue cannot be read: ${why} Answer here.`;
      if (tell) this.#aggregate.note(Date.now(), { type: 'step', text });
    });
  }

  /** True when the comment decided. */
  #take(decisionId: string, comment: Feedback): boolean {
    const decision = this.#kept.get(decisionId);
    if (decision === null) return false;
    const by = { is: 'github', login: comment.author } as const;
    const key = takenKey(comment.id);
    return this.#store.transaction((): boolean => {
      if (this.#store.commandResult(key) !== null) return false;
      const command = commandIn(comment.body, decision);
      if (command === null) {
        const text = `@${comment.author} ${UNREADABLE}`;
        this.#store.outbox.add(issueComment(`unreadable:${comment.id}`, text), Date.now());
        this.#store.keepCommandResult(key, { is: 'refused', text: UNREADABLE });
        return false;
      }
      return this.#act(key, command, by).is === 'done';
    });
  }
}

/** The command that a comment became. */
const takenKey = (commentId: string) => `comment:${commentId}`;

/** What a comment asks of the task; null when it leaves a question without an answer. */
function commandIn(comment: string, { id, body }: Decision): InstantCommand | null {
  switch (body.is) {
    case 'plan': {
      const { plan } = body;
      return { do: 'decide', planId: id, hash: plan.hash, verdict: readVerdict(comment, plan) };
    }
    case 'question': {
      const answers = readAnswers(comment, body.questions);
      return answers === null ? null : { do: 'answer', questionId: id, answers };
    }
  }
}
