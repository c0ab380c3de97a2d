import type { Plan } from '../../../protocol/decision.ts';
import type { InboxOutcome } from '../../../protocol/inbox.ts';
import type { TaskSpec } from '../api.ts';
import type { IntentBody } from '../storage/task-store.ts';
import { issueBody } from './verdict.ts';

/** What is to be said in the task's issue, and the key that makes it one of its kind. */
type IssueRow = { key: string; body: Extract<IntentBody, { do: 'comment_issue' | 'edit_issue' }> };

export function commentRow(key: string, text: string): IssueRow {
  return { key: `issue:${key}`, body: { do: 'comment_issue', key, text } };
}

/** What was decided elsewhere stands in the issue, too; an approved plan becomes part of its text. */
export function decidedRows(
  spec: TaskSpec,
  decision: { id: string; outcome: InboxOutcome; approved: Plan | null },
): IssueRow[] {
  if (!spec.withIssue) return [];
  const { id, outcome, approved } = decision;
  const rows: IssueRow[] = [];
  if (outcome.by !== 'github') rows.push(commentRow(`decided:${id}`, `${outcome.text}.`));
  if (approved !== null) {
    const body = issueBody(spec, approved.text);
    rows.push({ key: 'edit_issue', body: { do: 'edit_issue', body } });
  }
  return rows;
}
