import type { TaskEffect } from './lifecycle/effect.ts';
import { reviewShown } from './lifecycle/review.ts';
import type { Waiting } from './lifecycle/state.ts';
import type { WaitsFor } from './lifecycle/waits-for.ts';
import type { DecisionStore } from './storage/decisions.ts';
import type { TaskStore } from './storage/task-store.ts';

type Stores = { store: TaskStore; decisions: DecisionStore };

/** What a task needs of the person, as the effect that opens its item. */
export type Need = Extract<
  TaskEffect,
  { do: 'open_asking' | 'open_budget' | 'open_review' | 'open_word' | 'open_failure' }
>;

/** What the person's day may cost and has cost, in US dollars: only the conversation knows. */
export type DayMoney = { limit: number; used: number };

/** What the task needs of the person now; null when nothing, or when it cannot be read any more. */
export function needOf(stores: Stores, day: DayMoney): Need | null {
  const { state, delivered } = stores.store.record;
  switch (state.is) {
    case 'waiting':
      return needFor(stores, state.what, day);
    case 'in_review':
      return delivered === null ? null : { do: 'open_review', ...reviewShown(delivered, state) };
    case 'failed':
      return { do: 'open_failure', reason: state.reason };
    case 'queued':
    case 'starting':
    case 'working':
    case 'delivering':
    case 'checking':
    case 'done':
    case 'cancelled':
      return null;
  }
}

function needFor({ store, decisions }: Stores, what: Waiting, day: DayMoney): Need | null {
  switch (what.for) {
    case 'answers': {
      const { questionId } = what;
      const body = decisions.get(questionId)?.body;
      if (body?.is !== 'question') return null;
      const { questions } = body;
      return { do: 'open_asking', ask: { is: 'question', questionId, questions } };
    }
    case 'approval': {
      const body = decisions.get(what.planId)?.body;
      return body?.is === 'plan' ? { do: 'open_asking', ask: body } : null;
    }
    case 'budget': {
      const used = store.usage.total().cost;
      const money = what.scope === 'day' ? day : { limit: store.budget ?? used, used };
      return { do: 'open_budget', budget: { scope: what.scope, ...money } };
    }
    case 'word':
      return { do: 'open_word' };
    case 'plan_limit':
      return null;
  }
}

/** The same as the conversation compares it with the inbox. */
export function waitsFor(need: Need): WaitsFor {
  switch (need.do) {
    case 'open_asking':
      return need.ask.is === 'question'
        ? { kind: 'question', id: need.ask.questionId }
        : { kind: 'plan', id: need.ask.plan.id };
    case 'open_budget':
      return { kind: 'budget', id: need.budget.scope };
    case 'open_review':
      return { kind: 'review', id: String(need.pullRequest.number) };
    case 'open_word':
      return { kind: 'word', id: '' };
    case 'open_failure':
      return { kind: 'failure', id: '' };
  }
}
