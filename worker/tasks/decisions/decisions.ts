import { ulid } from 'ulid';
import type {
  Answers,
  DecidedBy,
  Plan,
  PlanVerdict,
  Question,
} from '../../../protocol/decision.ts';
import type { InboxOutcome } from '../../../protocol/inbox.ts';
import type { MailboxItem } from '../../../protocol/runner.ts';
import type { TaskCommandResult } from '../api.ts';
import type { TaskAggregate } from '../aggregate.ts';
import type { Asking } from '../lifecycle/effect.ts';
import type { Waiting } from '../lifecycle/state.ts';
import type { Decision, DecisionStore } from '../storage/decisions.ts';
import type { TaskStore } from '../storage/task-store.ts';
import { decidedRows } from './issue-rows.ts';
import { heldCommit, holdWords, isAllowed } from './push-hold.ts';
import {
  alternativesOf,
  answeredOutcome,
  answersByQuestion,
  pickedText,
  verdictOutcome,
} from './wording.ts';

/** SHA-256 of the text in UTF-8, in hex. */
export async function hashOf(text: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text));
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

const refused = (text: string): TaskCommandResult => ({ is: 'refused', text });

/** What the worker asks and what is decided: each tool call once, the first decision counts. Call all inside a transaction. */
export class Decisions {
  readonly #store: TaskStore;
  readonly #decisions: DecisionStore;
  readonly #aggregate: TaskAggregate;
  readonly #warmMs: number;

  /** @param warmMs how long a sandbox is kept while it waits for a person. */
  constructor(
    store: TaskStore,
    decisions: DecisionStore,
    aggregate: TaskAggregate,
    warmMs: number,
  ) {
    this.#store = store;
    this.#decisions = decisions;
    this.#aggregate = aggregate;
    this.#warmMs = warmMs;
  }

  /** The turn was interrupted: the next word says how to go on. */
  awaitWord(generation: number): void {
    const what = { for: 'word' } as const;
    this.#aggregate.apply({ on: 'asked', generation, what, ask: null, warmMs: this.#warmMs });
  }

  askQuestions(generation: number, toolUseId: string, questions: Question[]): void {
    const known = this.#decisions.ofToolUse(toolUseId);
    // Its answer waits in the mailbox already: the worker needs nobody for this one.
    if (known?.outcome != null) return;
    const id = known?.id ?? ulid();
    this.#ask(
      generation,
      { id, toolUseId, body: { is: 'question', questions }, outcome: null, open: isOpen(known) },
      { for: 'answers', questionId: id },
      { is: 'question', questionId: id, questions, onlyHere: heldCommit(toolUseId) !== null },
    );
  }

  /** @param hash of the text, worked out before the transaction. */
  presentPlan(generation: number, toolUseId: string, text: string, hash: string): void {
    const known = this.#decisions.ofToolUse(toolUseId);
    if (known?.outcome != null) return;
    const last = this.#decisions.lastPlan();
    const plan =
      known?.body.is === 'plan'
        ? known.body.plan
        : {
            id: ulid(),
            text,
            hash,
            round: (last?.round ?? 0) + 1,
            previous: last?.text ?? null,
            alternatives: alternativesOf(text),
          };
    this.#ask(
      generation,
      { id: plan.id, toolUseId, body: { is: 'plan', plan }, outcome: null, open: isOpen(known) },
      { for: 'approval', planId: plan.id },
      { is: 'plan', plan },
    );
  }

  /** What a replaced sandbox asks again is no news while the inbox still shows it. */
  #ask(generation: number, decision: Decision, what: Waiting, ask: Asking): void {
    const waits = this.#aggregate.apply({
      on: 'asked',
      generation,
      what,
      ask: decision.open === true ? null : ask,
      warmMs: this.#warmMs,
    });
    this.#decisions.put({ ...decision, open: decision.open === true || waits });
  }

  answer(questionId: string, answers: Answers, by: DecidedBy): TaskCommandResult {
    const decision = this.#decisions.get(questionId);
    if (decision?.body.is !== 'question') return refused('There is no such question.');
    if (decision.outcome !== null) return alreadyDecided(decision.outcome);
    if (!this.#waitsFor(questionId)) return refused('This task does not wait for that any more.');
    const given = answersByQuestion(decision.body.questions, answers);
    if (given === null) return refused('Each question needs an answer.');
    const { toolUseId } = decision;
    const outcome = answeredOutcome(answers, by, Date.now());
    const commit = heldCommit(toolUseId);
    if (commit !== null) {
      // Elsewhere nobody sees all that it changes.
      if (isAllowed(answers) && by.is !== 'app') {
        return refused('It can be allowed in the inbox only, where all that it changes is shown.');
      }
      // No call of the worker's waits for it: it goes on with what it is told.
      const mail = { type: 'message', id: ulid(), text: holdWords(commit, answers) } as const;
      this.#decide({ ...decision, allowed: isAllowed(answers) }, outcome, false, mail);
      return { is: 'done' };
    }
    this.#decide(decision, outcome, false, {
      type: 'answer',
      id: ulid(),
      toolUseId,
      answers: given,
    });
    return { is: 'done' };
  }

  decide(planId: string, hash: string, verdict: PlanVerdict, by: DecidedBy): TaskCommandResult {
    const decision = this.#decisions.get(planId);
    if (decision?.body.is !== 'plan') return refused('There is no such plan.');
    const { plan } = decision.body;
    if (decision.outcome !== null) return alreadyDecided(decision.outcome);
    if (!this.#waitsFor(planId)) return refused('This task does not wait for that any more.');
    if (plan.hash !== hash) return refused('The plan has changed. Look at it again, then decide.');
    const outcome = verdictOutcome(verdict, by, Date.now());
    const { toolUseId } = decision;
    switch (verdict.is) {
      case 'approve': {
        const { alternative } = verdict;
        if (alternative !== null && !plan.alternatives.includes(alternative)) {
          return refused('The plan has no such alternative.');
        }
        const picked = alternative === null ? '' : pickedText(alternative);
        this.#decide(decision, outcome, true, {
          type: 'approval',
          id: ulid(),
          toolUseId,
          plan: plan.text + picked,
        });
        break;
      }
      case 'changes': {
        const { text } = verdict;
        this.#decide(decision, outcome, false, { type: 'changes', id: ulid(), toolUseId, text });
        break;
      }
      case 'reject':
        this.#keep(decision, outcome, null);
        this.#aggregate.apply({ on: 'cancel', outcome });
        break;
    }
    return { is: 'done' };
  }

  #waitsFor(id: string): boolean {
    const { state } = this.#store.record;
    if (state.is !== 'waiting') return false;
    const { what } = state;
    switch (what.for) {
      case 'answers':
        return what.questionId === id;
      case 'approval':
        return what.planId === id;
      case 'word':
      case 'budget':
      case 'plan_limit':
        return false;
    }
  }

  #decide(decision: Decision, outcome: InboxOutcome, approved: boolean, mail: MailboxItem): void {
    const plan = decision.body.is === 'plan' ? decision.body.plan : null;
    this.#keep(decision, outcome, approved ? plan : null);
    this.#store.post(mail);
    this.#aggregate.apply({ on: 'prompt_received', approved, outcome });
  }

  /** The first decision is kept for good, and shown wherever the question is. */
  #keep(decision: Decision, outcome: InboxOutcome, approved: Plan | null): void {
    this.#decisions.put({ ...decision, outcome });
    this.#aggregate.note(outcome.at, { type: 'decision', text: outcome.text });
    for (const row of decidedRows(this.#aggregate.spec(), decision.id, outcome, approved)) {
      this.#store.outbox.add(row, outcome.at);
    }
  }
}

/** A row from before it was kept was shown, too. */
function isOpen(known: Decision | null): boolean {
  return known !== null && (known.open ?? true);
}

function alreadyDecided({ text }: InboxOutcome): TaskCommandResult {
  return refused(`That was decided before: ${text}.`);
}
