import { expect, it } from 'vitest';
import type { KeptAlerts } from '../storage/thread-values.ts';
import { type Alert, alertChanges } from './alerts.ts';
import type { Checked } from './checks.ts';

const failing: Checked = {
  name: 'history',
  state: 'failing',
  text: 'Postgres has taken nothing for 10 minutes.',
  mend: 'See that it runs.',
  gist: '',
};
const well: Checked = { ...failing, state: 'ok', mend: null };
const PUT_ASIDE = { by: 'person', text: 'Dismissed', at: 2 } as const;

/** The inbox and what was told, through one look after another. */
function inbox() {
  const items = new Map<string, Alert>();
  let kept: KeptAlerts = {};
  let number = 0;
  const newId = () => `item-${++number}`;
  return {
    all: () => [...items.values()],
    open: () => [...items.values()].filter(({ outcome }) => outcome === null),
    putAside: () => {
      for (const item of items.values()) items.set(item.id, { ...item, outcome: PUT_ASIDE });
    },
    look: (...checks: Checked[]) => {
      const changes = alertChanges(checks, kept, (id) => items.get(id) ?? null, { now: 1, newId });
      for (const item of changes.put) items.set(item.id, item);
      ({ kept } = changes);
      return changes.put.length;
    },
  };
}

it('what fails is told once, with what mends it, and goes once it works again', () => {
  const at = inbox();
  expect(at.look(well)).toBe(0);
  expect(at.look(failing)).toBe(1);
  expect(at.open()).toMatchObject([
    {
      kind: 'alert',
      about: 'history',
      taskId: null,
      text: 'Postgres has taken nothing for 10 minutes. See that it runs.',
    },
  ]);
  expect(at.look({ ...failing, text: 'Postgres has taken nothing for 11 minutes.' })).toBe(0);
  expect(at.look(well)).toBe(1);
  expect(at.all()).toMatchObject([{ outcome: { by: 'mainloop', text: 'Works again' } }]);
  expect(at.look(well)).toBe(0);
});

it('a warning is not told, and takes back what was', () => {
  const at = inbox();
  at.look(failing);
  at.look({ ...failing, state: 'warning' });
  expect(at.open()).toEqual([]);
});

it('put aside it stays away, until it has worked again', () => {
  const at = inbox();
  at.look(failing);
  at.putAside();
  expect(at.look(failing)).toBe(0);
  expect(at.look(well)).toBe(0);
  expect(at.look(failing)).toBe(1);
  expect(at.open()).toHaveLength(1);
});

it('put aside it comes back where it is another matter: more rows were set aside', () => {
  const at = inbox();
  const rows: Checked = { ...failing, name: 'set_aside', gist: '1' };
  at.look(rows);
  at.putAside();
  expect(at.look({ ...rows, gist: '2' })).toBe(1);
  expect(at.open()).toHaveLength(1);
});

it('an open one says what is newest in the same item', () => {
  const at = inbox();
  const rows: Checked = { ...failing, name: 'set_aside', gist: '1', text: 'One row.' };
  at.look(rows);
  at.look({ ...rows, gist: '2', text: 'Two rows.' });
  expect(at.all()).toMatchObject([{ text: 'Two rows. See that it runs.' }]);
});

it('each thing that fails has its own item', () => {
  const at = inbox();
  at.look(failing, { ...failing, name: 'webhooks' });
  expect(at.open().map(({ about }) => about)).toEqual(['history', 'webhooks']);
  at.look(well, { ...failing, name: 'webhooks' });
  expect(at.open().map(({ about }) => about)).toEqual(['webhooks']);
});
