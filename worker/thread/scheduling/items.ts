import { INBOX_KINDS, type InboxItem } from '../../../protocol/inbox.ts';
import { type WaitsFor, shownBy } from '../../tasks/lifecycle/waits-for.ts';

/** What is said of an item that the person puts aside. */
export const DISMISSED = 'Dismissed';

/** Where the inbox and what a task waits for differ. */
export type ItemRepairs = {
  /** The person is shown nothing of it. */
  open: boolean;
  /** The task does not wait for these any more. */
  settle: InboxItem[];
};

/**
 * What of a task's items is to be mended. One that may be put aside is not shown again after it was.
 *
 * @param items all of the task's, the oldest first.
 */
export function itemRepairs(items: readonly InboxItem[], waitsFor: WaitsFor | null): ItemRepairs {
  const isMeant = (item: InboxItem) => {
    const { kind, id } = shownBy(item);
    return waitsFor !== null && kind === waitsFor.kind && id === waitsFor.id;
  };
  const meant = items.filter(isMeant);
  const isPutAside = meant.at(-1)?.outcome?.text === DISMISSED;
  return {
    open:
      waitsFor !== null &&
      !meant.some(({ outcome }) => outcome === null) &&
      !(INBOX_KINDS[waitsFor.kind].canDismiss && isPutAside),
    settle: items.filter((item) => item.outcome === null && !isMeant(item)),
  };
}
