import type { InboxItem } from '../../protocol/inbox.ts';
import type { Client } from './client.ts';

type Item<Kind extends InboxItem['kind']> = Extract<InboxItem, { kind: Kind }>;

function isOf<Kind extends InboxItem['kind']>(kind: Kind, item: InboxItem): item is Item<Kind> {
  return item.kind === kind;
}

/** The newest open item of this kind that this client has heard of; null when there is none. */
export function openItem<Kind extends InboxItem['kind']>(
  client: Client,
  kind: Kind,
): Item<Kind> | null {
  const items = new Map<string, InboxItem>();
  for (const frame of client.frames) {
    if (frame.type === 'snapshot') {
      for (const item of frame.snapshot.inbox) items.set(item.id, item);
    }
  }
  for (const { change } of client.entries()) {
    if (change.type === 'inbox') items.set(change.item.id, change.item);
  }
  const wanted = (item: InboxItem): item is Item<Kind> => item.outcome === null && isOf(kind, item);
  return [...items.values()].findLast(wanted) ?? null;
}

/** Resolves with the open item of this kind for which `wanted` holds. */
export async function untilAsked<Kind extends InboxItem['kind']>(
  client: Client,
  kind: Kind,
  withinMs: number,
  wanted: (item: Item<Kind>) => boolean = () => true,
): Promise<Item<Kind>> {
  let found: Item<Kind> | null = null;
  await client.when(() => {
    found = openItem(client, kind);
    return found !== null && wanted(found);
  }, withinMs);
  if (found === null) throw new Error('unreachable');
  return found;
}
