import type { InboxItem } from '../../protocol/inbox.ts';
import type { IconName } from '../ui/icons.tsx';

export const INBOX_ICONS: Record<InboxItem['kind'], IconName> = {
  question: 'question',
  plan: 'plan',
  review: 'pull',
  budget: 'clock',
  failure: 'alert',
  alert: 'alert',
};

const WORDS: Record<InboxItem['kind'], string> = {
  question: 'Asks you',
  plan: 'Has a plan',
  review: 'Ready for review',
  budget: 'Has spent its budget',
  failure: 'Failed',
  alert: 'This installation',
};

/** What an item is about, in two or three words. */
export function kindWords(item: InboxItem): string {
  return item.kind === 'plan' && item.plan.round > 1
    ? `Has revised its plan (${item.plan.round})`
    : WORDS[item.kind];
}
