import type { Plan } from '../../../protocol/decision.ts';
import type { InboxOutcome } from '../../../protocol/inbox.ts';
import type { TaskSpec } from '../api.ts';
import type { Asking } from '../lifecycle/effect.ts';
import type { KeyedEffect } from '../lifecycle/outbox-effect.ts';
import { harmless, ownWords, quotedHarmless } from '../delivery/harmless.ts';
import { issueBody, planComment, questionsComment } from './verdict.ts';

/** The mark of the comment that asks for this decision. */
export const askedKey = (decisionId: string) => `asked:${decisionId}`;

/** A comment on the task's issue, once under this key. */
export function issueComment(key: string, text: string): KeyedEffect {
  return { key: `issue:${key}`, effect: { do: 'comment_issue', key, text } };
}

/** What the worker asks, for the issue. */
export function askedComment(ask: Asking, spec: Pick<TaskSpec, 'title' | 'prompt'>): KeyedEffect {
  const own = ownWords(spec);
  switch (ask.is) {
    case 'question': {
      const key = askedKey(ask.questionId);
      if (ask.onlyHere !== true) return issueComment(key, questionsComment(ask.questions, own));
      const [what = ''] = (ask.questions[0]?.question ?? '').split('\n\n');
      const text = `**This waits for you in Mainloop**\n\n${quotedHarmless(what, own)}\n\nIt is decided there only, with all that it changes in view.`;
      return issueComment(key, text);
    }
    case 'plan':
      return issueComment(askedKey(ask.plan.id), planComment(ask.plan, own));
  }
}

/** What was decided elsewhere stands in the issue, too; an approved plan becomes part of its text. */
export function decidedRows(
  spec: TaskSpec,
  decisionId: string,
  outcome: InboxOutcome,
  approved: Plan | null,
): KeyedEffect[] {
  if (!spec.withIssue) return [];
  const rows: KeyedEffect[] = [];
  if (outcome.by !== 'github') {
    // An answer may be the label that the worker gave it.
    const text = harmless(`${outcome.text}.`, ownWords(spec));
    rows.push(issueComment(`decided:${decisionId}`, text));
  }
  if (approved !== null) {
    const body = issueBody(spec, approved.text);
    rows.push({ key: 'edit_issue', effect: { do: 'edit_issue', body } });
  }
  return rows;
}
