import type { TaskSummary } from '../../../protocol/task.ts';
import type { TaskReport } from '../api.ts';
import type { Asking, Transition } from './effect.ts';
import { type TaskRecord, statusOf } from './state.ts';

function askingItem(ask: Asking) {
  switch (ask.is) {
    case 'question':
      return { kind: 'question', questionId: ask.questionId, questions: ask.questions } as const;
    case 'plan':
      return { kind: 'plan', plan: ask.plan } as const;
  }
}

/** What the main thread must hear of a transition; null when nothing changed that it shows. */
export function reportOf(
  result: Transition,
  before: TaskRecord,
  task: TaskSummary,
  { now, itemId }: { now: number; itemId: () => string },
): Pick<TaskReport, 'inbox' | 'notice'> | null {
  const base = {
    taskId: task.id,
    title: task.title,
    repository: task.repository,
    at: now,
    outcome: null,
  };
  let inbox: TaskReport['inbox'] = null;
  let notice: TaskReport['notice'] = null;
  for (const effect of result.effects) {
    switch (effect.do) {
      case 'open_review': {
        const { pullRequest, summary, checks } = effect;
        inbox = {
          is: 'open',
          item: { ...base, id: itemId(), kind: 'review', pullRequest, summary, checks },
        };
        break;
      }
      case 'open_failure':
        inbox = {
          is: 'open',
          item: { ...base, id: itemId(), kind: 'failure', reason: effect.reason },
        };
        break;
      case 'open_asking':
        inbox = { is: 'open', item: { ...base, id: itemId(), ...askingItem(effect.ask) } };
        break;
      case 'open_budget':
        inbox = {
          is: 'open',
          item: { ...base, id: itemId(), kind: 'budget', ...effect.budget },
        };
        break;
      case 'settle':
        inbox = { is: 'settle', outcome: effect.outcome };
        break;
      case 'notice':
        notice = effect.notice;
        break;
      case 'dispatch':
      case 'ask_slot':
      case 'stop_sandbox':
      case 'park':
      case 'break_off':
      case 'tell_worker':
        break;
    }
  }
  const sameStatus = statusOf(before) === statusOf(result.record);
  const sameGeneration = before.generation === result.record.generation;
  const asks = result.effects.some((effect) => effect.do === 'ask_slot');
  return inbox === null && notice === null && sameStatus && sameGeneration && !asks
    ? null
    : { inbox, notice };
}
