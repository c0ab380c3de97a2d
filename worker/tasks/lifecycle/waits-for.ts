import type { InboxItem } from '../../../protocol/inbox.ts';

/** What a task needs of the person: the kind of item, and by what it is known whatever else it says. */
export type WaitsFor = { kind: InboxItem['kind']; id: string };

/** What an item shows of its task's needs. */
export function shownBy(item: InboxItem): WaitsFor {
  const { kind } = item;
  switch (kind) {
    case 'question':
      return { kind, id: item.questionId };
    case 'plan':
      return { kind, id: item.plan.id };
    case 'budget':
      return { kind, id: item.scope };
    case 'review':
      return { kind, id: String(item.pullRequest.number) };
    case 'word':
    case 'failure':
    case 'alert':
      return { kind, id: '' };
  }
}
