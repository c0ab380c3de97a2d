import { coalesced } from '../../platform/coalesce.ts';
import { type Feedback, hasMark, mayAnswer } from '../delivery/feedback.ts';
import { sentenceOf } from '../../github/failures.ts';
import { UNREADABLE, planComment, questionsComment, readAnswers, readVerdict } from './verdict.ts';
import { log } from '../../platform/log.ts';
import type { Act, InstantCommand } from '../api.ts';
import type { TaskAggregate } from '../aggregate.ts';
import type { Decision, DecisionStore } from '../storage/decisions.ts';
import { commentRow } from './issue-rows.ts';
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
  readonly #kept: DecisionStore;
  readonly #ports: () => TaskPorts;
  readonly #act: Act;
  #pollAt = 0;
  #pauseMs = POLL_MS.first;
  readonly #pollAgain = coalesced(() => this.#pollOnce());

  constructor(parts: {
    store: TaskStore;
    aggregate: TaskAggregate;
    kept: DecisionStore;
    ports: () => TaskPorts;
    act: Act;
  }) {
    this.#store = parts.store;
    this.#aggregate = parts.aggregate;
    this.#kept = parts.kept;
    this.#ports = parts.ports;
    this.#act = parts.act;
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
    const key = `comment:${comment.id}`;
    return this.#store.transaction((): boolean => {
      if (this.#store.answer(key) !== null) return false;
      const command = commandIn(comment.body, decision);
      if (command === null) {
        this.#say(`unreadable:${comment.id}`, `@${comment.author} ${UNREADABLE}`);
        this.#store.keepAnswer(key, { is: 'refused', text: UNREADABLE });
        return false;
      }
      return this.#act(key, command, by).is === 'done';
    });
  }

  #say(key: string, text: string): void {
    const row = commentRow(key, text);
    this.#store.addIntent(row.key, row.body, Date.now());
  }
}

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
