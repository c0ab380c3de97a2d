import type { HealthName } from '../../../protocol/health.ts';
import type { InboxItem } from '../../../protocol/inbox.ts';
import type { KeptAlerts } from '../storage/thread-values.ts';
import type { Checked } from './checks.ts';

export type Alert = Extract<InboxItem, { kind: 'alert' }>;

const TITLES: Record<HealthName, string> = {
  history: 'Postgres does not take the history',
  effects: 'Something outside was given up',
  sandboxes: 'A sandbox is missing',
  model: 'The conversation’s model fails',
  webhooks: 'Webhooks have a wrong signature',
  pushes: 'Pushes fail',
  set_aside: 'Rows were set aside',
  connections: 'Connections fail',
};

/** What is to change in the inbox. */
export type AlertChanges = {
  /** New items, and items that say it anew. */
  put: Alert[];
  kept: KeptAlerts;
};

/**
 * One item for what fails, which goes once it works again. Put aside by the person, it stays away
 * until that has worked again, or is another matter (`gist`).
 *
 * @param itemOf an item that was opened before, as it is now; null where it is gone.
 */
export function alertChanges(
  checks: readonly Checked[],
  kept: KeptAlerts,
  itemOf: (id: string) => Alert | null,
  { now, newId }: { now: number; newId: () => string },
): AlertChanges {
  const put: Alert[] = [];
  const next: KeptAlerts = {};
  for (const { name, state, text, mend, gist } of checks) {
    const known = kept[name];
    const item = known === undefined ? null : itemOf(known.itemId);
    const isOpen = item !== null && item.outcome === null;
    if (state !== 'failing') {
      const outcome = { by: 'mainloop', text: 'Works again', at: now } as const;
      if (isOpen) put.push({ ...item, outcome });
      continue;
    }
    const words = mend === null ? text : `${text} ${mend}`;
    if (known !== undefined && known.gist === gist) {
      next[name] = known;
      continue;
    }
    const id = isOpen ? item.id : newId();
    const base = { id, taskId: null, repository: null, title: TITLES[name], outcome: null };
    put.push({ ...base, kind: 'alert', about: name, text: words, at: now });
    next[name] = { itemId: id, gist };
  }
  return { put, kept: next };
}
