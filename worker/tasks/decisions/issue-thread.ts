import type { Plan } from '../../../protocol/decision.ts';
import type { InboxOutcome } from '../../../protocol/inbox.ts';
import { coalesced } from '../../platform/coalesce.ts';
import { type Feedback, hasMark, mayAnswer } from '../delivery/feedback.ts';
import { sentenceOf } from '../../github/failures.ts';
import {
  UNREADABLE,
  issueBody,
  planComment,
  questionsComment,
  readAnswers,
  readVerdict,
} from './verdict.ts';
import { log } from '../../platform/log.ts';
import type { TaskCommandResult } from '../api.ts';
import type { TaskAggregate } from '../aggregate.ts';
import type { DecisionStore } from '../storage/decisions.ts';
import type { Decisions } from './decisions.ts';
import type { Asking } from '../lifecycle/effect.ts';
import type { TaskPorts } from '../ports.ts';
import type { TaskStore } from '../storage/task-store.ts';

/** First and longest pause between two looks at an issue's comments. */
const POLL_MS = { first: 15_000, longest: 5 * 60_000 };

/** The mark of the comment that asks for this decision. */
const keyOf = (decisionId: string) => `asked:${decisionId}`;

/** The issue that goes with a task: shows its questions and plans, and takes decisions from its comments. */
export class IssueThread {
  readonly #store: TaskStore;
  readonly #aggregate: TaskAggregate;
  readonly #decisions: Decisions;
  readonly #kept: DecisionStore;
  readonly #ports: () => TaskPorts;
  #pollAt = 0;
  #pauseMs = POLL_MS.first;
  readonly #pollAgain = coalesced(() => this.#pollOnce());

  constructor(parts: {
    store: TaskStore;
    aggregate: TaskAggregate;
    decisions: Decisions;
    kept: DecisionStore;
    ports: () => TaskPorts;
  }) {
    this.#store = parts.store;
    this.#aggregate = parts.aggregate;
    this.#decisions = parts.decisions;
    this.#kept = parts.kept;
    this.#ports = parts.ports;
  }

  /** What the worker asks is shown in the issue, too. Call inside the transaction that stores it. */
  show(ask: Asking): void {
    if (!this.#aggregate.spec().withIssue) return;
    const [id, text] =
      ask.is === 'question'
        ? [ask.questionId, questionsComment(ask.questions)]
        : [ask.plan.id, planComment(ask.plan)];
    this.#say(keyOf(id), text);
    this.#pauseMs = POLL_MS.first;
    this.#pollAt = Date.now() + this.#pauseMs;
  }

  /** What was decided elsewhere stands in the issue, too; an approved plan becomes part of its text. */
  showDecided(decisionId: string, outcome: InboxOutcome, approved: Plan | null): void {
    if (!this.#aggregate.spec().withIssue) return;
    if (outcome.by !== 'github') this.#say(`decided:${decisionId}`, `${outcome.text}.`);
    if (approved !== null) {
      const body = issueBody(this.#aggregate.spec(), approved.text);
      this.#store.addIntent('edit_issue', { do: 'edit_issue', body }, Date.now());
    }
  }

  /** When comments are looked at again; null when nothing waits for one. */
  wakeAt(): number | null {
    return this.#waiting() === null ? null : this.#pollAt;
  }

  /** Reads the comments below the question or the plan that waits; `now` does not wait for the time. */
  async poll(now = false): Promise<void> {
    if (now || Date.now() >= this.#pollAt) await this.#pollAgain();
  }

  /** The decision that a comment could make. */
  #waiting(): { id: string; number: number } | null {
    if (this.#store.head() === null) return null;
    const { state } = this.#store.record;
    const { issue } = this.#store;
    if (state.is !== 'waiting' || issue === null) return null;
    switch (state.what.for) {
      case 'answers':
        return { id: state.what.questionId, number: issue.number };
      case 'approval':
        return { id: state.what.planId, number: issue.number };
      default:
        return null;
    }
  }

  async #pollOnce(): Promise<void> {
    const waiting = this.#waiting();
    if (waiting === null) return;
    this.#pauseMs = Math.min(this.#pauseMs * 1.5, POLL_MS.longest);
    this.#pollAt = Date.now() + this.#pauseMs;
    const { taskId, repository } = this.#aggregate.spec();
    const all = await this.#ports().github.issueComments(repository, waiting.number);
    if (all.is === 'failed') {
      const why = sentenceOf(all.failure, repository);
      log.warn('task.host_not_read', { taskId, of: 'issue', why });
      return;
    }
    // Only what was said after it was asked: the host's own order tells.
    const asked = all.value.findIndex(({ body }) => hasMark(body, keyOf(waiting.id)));
    if (asked === -1) return;
    for (const comment of all.value.slice(asked + 1)) {
      if (mayAnswer(comment) && this.#take(waiting.id, comment)) return;
    }
  }

  /** True when the comment decided. */
  #take(decisionId: string, comment: Feedback): boolean {
    const decision = this.#kept.get(decisionId);
    if (decision === null) return false;
    const by = { is: 'github', login: comment.author } as const;
    return this.#store.transaction((): boolean => {
      const key = `comment:${comment.id}`;
      const known = this.#store.answer(key);
      if (known !== null) return false;
      let answer: TaskCommandResult;
      if (decision.body.is === 'plan') {
        const { plan } = decision.body;
        const verdict = readVerdict(comment.body, plan);
        answer = this.#decisions.decide(decisionId, plan.hash, verdict, by);
      } else {
        const answers = readAnswers(comment.body, decision.body.questions);
        if (answers === null) {
          this.#say(`unreadable:${comment.id}`, `@${comment.author} ${UNREADABLE}`);
          answer = { is: 'refused', text: UNREADABLE };
        } else answer = this.#decisions.answer(decisionId, answers, by);
      }
      this.#store.keepAnswer(key, answer);
      return answer.is === 'done';
    });
  }

  #say(key: string, text: string): void {
    this.#store.addIntent(`issue:${key}`, { do: 'comment_issue', key, text }, Date.now());
  }
}
