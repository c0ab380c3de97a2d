import type { InboxItem } from '../../protocol/inbox.ts';
import type { IconName } from '../ui/icons.tsx';

export const INBOX_ICONS: Record<InboxItem['kind'], IconName> = {
  question: 'question',
  plan: 'plan',
  review: 'pull',
  budget: 'clock',
  word: 'pause',
  failure: 'alert',
  alert: 'alert',
};

export const INBOX_COLOURS: Record<InboxItem['kind'], string> = {
  question: 'text-warn',
  plan: 'text-warn',
  review: 'text-accent',
  budget: 'text-warn',
  word: 'text-warn',
  failure: 'text-bad',
  alert: 'text-warn',
};

/** The same of one that is settled. */
const WAS: Record<InboxItem['kind'], string> = {
  question: 'Asked you',
  plan: 'Had a plan',
  review: 'Pull request',
  budget: 'Had spent its budget',
  word: 'Waited for your word',
  failure: 'Failed',
  alert: 'This installation',
};

/** What an item is about, in two or three words. */
export function kindWords(item: InboxItem): string {
  if (item.outcome !== null) return WAS[item.kind];
  switch (item.kind) {
    case 'question':
      return 'Asks you';
    case 'plan':
      return item.plan.round > 1 ? `Has revised its plan (${item.plan.round})` : 'Has a plan';
    case 'review':
      if (item.checks.is === 'failed') return 'Checks fail';
      if (item.leftOpen.conflicts) return 'Conflicts with its base';
      return item.leftOpen.comments.count > 0 ? 'In review, with comments' : 'Ready for review';
    case 'budget':
      return item.scope === 'task' ? 'Has spent its budget' : 'The day’s budget is spent';
    case 'word':
      return 'Waits for your word';
    case 'failure':
      return 'Failed';
    case 'alert':
      return 'This installation';
  }
}

/** Where there is more of it: its task, or how the installation is. */
export const placeOf = ({ taskId }: InboxItem) =>
  taskId === null ? '/settings/connections' : `/tasks/${taskId}`;

/** Ids by which the parts of the place find each other's elements. */
export const rowId = (itemId: string) => `row-${itemId}`;
export const itemId = (id: string) => `item-${id}`;
