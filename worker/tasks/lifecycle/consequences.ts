import type { MailboxItem } from '../../../protocol/runner.ts';
import type { TaskReport, TaskSpec } from '../api.ts';
import { askedComment } from '../decisions/issue-rows.ts';
import type { Asking, TaskEffect } from './effect.ts';
import type { KeyedEffect } from './outbox-effect.ts';

/** What a transition's effects come to, all stored in its own transaction. */
export type Consequences = {
  /** What is to be done outside. */
  rows: KeyedEffect[];
  /** Mail of these types has lost its sense; it goes before `mail` comes. */
  dropMail: MailboxItem['type'][];
  mail: MailboxItem[];
  /** Plain lines of the activity. */
  notes: string[];
  inbox: TaskReport['inbox'];
  notice: TaskReport['notice'];
  /** Told to the main thread though nothing that is shown has changed. */
  asksSlot: boolean;
};

export type Facts = {
  spec: Pick<TaskSpec, 'taskId' | 'title' | 'prompt' | 'repository' | 'withIssue'>;
  /** Of the record after the transition. */
  attempt: number;
  now: number;
  newId: () => string;
};

/** The one place that says what each effect means. */
export function consequencesOf(effects: readonly TaskEffect[], facts: Facts): Consequences {
  const { spec, newId } = facts;
  const all: Consequences = {
    rows: [],
    dropMail: [],
    mail: [],
    notes: [],
    inbox: null,
    notice: null,
    asksSlot: false,
  };
  const item = () => ({
    id: newId(),
    taskId: spec.taskId,
    title: spec.title,
    repository: spec.repository,
    at: facts.now,
    outcome: null,
  });
  for (const effect of effects) {
    switch (effect.do) {
      case 'dispatch':
        all.rows.push(
          { key: 'dispatch', effect: { do: 'dispatch', attempt: facts.attempt } },
          { key: 'watch', effect: { do: 'watch' } },
        );
        break;
      case 'ask_slot':
        all.asksSlot = true;
        break;
      case 'stop_sandbox': {
        const { generation } = effect;
        all.rows.push({ key: `stop:${generation}`, effect: { do: 'stop_sandbox', generation } });
        // They were for the turn of this very sandbox.
        all.dropMail.push('park', 'interrupt');
        break;
      }
      case 'park':
        all.mail.push({ type: 'park', id: newId() });
        break;
      case 'break_off':
        // Parked first: the end of the turn that follows must not wait for a word.
        all.mail.push({ type: 'park', id: newId() }, { type: 'interrupt', id: newId() });
        break;
      case 'tell_worker':
        all.mail.push({ type: 'message', id: newId(), text: effect.text });
        break;
      case 'open_review': {
        const { do: _do, ...shown } = effect;
        all.inbox = { is: 'open', item: { ...item(), kind: 'review', ...shown } };
        break;
      }
      case 'revise_review': {
        const { do: _do, ...shown } = effect;
        all.inbox = { is: 'revise', item: { ...item(), kind: 'review', ...shown } };
        break;
      }
      case 'open_word':
        all.inbox = { is: 'open', item: { ...item(), kind: 'word' } };
        break;
      case 'open_failure':
        all.inbox = { is: 'open', item: { ...item(), kind: 'failure', reason: effect.reason } };
        break;
      case 'open_budget':
        all.inbox = { is: 'open', item: { ...item(), kind: 'budget', ...effect.budget } };
        break;
      case 'open_asking':
        all.inbox = { is: 'open', item: { ...item(), ...askingItem(effect.ask) } };
        if (spec.withIssue) all.rows.push(askedComment(effect.ask, spec));
        break;
      case 'settle':
        all.inbox = { is: 'settle', outcome: effect.outcome };
        break;
      case 'notice':
        all.notice = effect.notice;
        break;
      case 'note':
        all.notes.push(effect.text);
        break;
      default:
        effect satisfies never;
    }
  }
  return all;
}

function askingItem(ask: Asking) {
  switch (ask.is) {
    case 'question':
      return { kind: 'question', questionId: ask.questionId, questions: ask.questions } as const;
    case 'plan':
      return { kind: 'plan', plan: ask.plan } as const;
  }
}
