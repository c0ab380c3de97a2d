import type { InboxItem } from '../../protocol/inbox.ts';

/** The item that comes after one that was decided: below it first, then above; none that is decided, too. */
export function nextAfter(
  items: readonly InboxItem[],
  id: string,
  isDecided: (item: InboxItem) => boolean,
): InboxItem | null {
  const place = items.findIndex((item) => item.id === id);
  const others = [...items.slice(place + 1), ...items.slice(0, Math.max(0, place)).toReversed()];
  return others.find((item) => !isDecided(item)) ?? null;
}

/** The item so many places further, from the first where none is chosen; null beyond the ends. */
export function stepFrom(
  items: readonly InboxItem[],
  id: string | undefined,
  by: 1 | -1,
): InboxItem | null {
  const place = items.findIndex((item) => item.id === id);
  return (place === -1 ? items[0] : items[place + by]) ?? null;
}
