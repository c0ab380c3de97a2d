import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { SetAside } from '../platform/set-aside.ts';
import { HistoryOutbox } from './outbox.ts';
import type { fakePostgres } from './testing/fake-postgres.ts';
import { inObject } from './testing/in-object.ts';
import { eventRow } from './testing/rows.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'] });
});
afterEach(() => {
  vi.useRealTimers();
});
const pass = (ms: number) => vi.setSystemTime(Date.now() + ms);

describe('where no Postgres is configured', () => {
  it('rows wait, nobody is woken for them, and they go once there is one', () =>
    inObject(async (_, postgres, storage) => {
      const setAside = new SetAside(storage);
      const without = new HistoryOutbox(storage, setAside, () => null);
      without.put(eventRow(1));
      await without.drain();
      expect([without.pending(), without.wakeAt()]).toEqual([1, null]);
      const configured = new HistoryOutbox(storage, setAside, () => () => postgres.open());
      expect(configured.wakeAt()).not.toBeNull();
      await configured.drain();
      expect(postgres.rows()).toEqual([eventRow(1)]);
    }));
});

describe('the lives of an object', () => {
  const epochs = (postgres: ReturnType<typeof fakePostgres>) =>
    postgres.batches.flat().map(({ epoch }) => epoch);

  it('all changes of one are of the same epoch, which is when it began', () =>
    inObject(async (outbox, postgres, storage) => {
      const began = Date.now();
      outbox.put(eventRow(1));
      await outbox.drain();
      pass(60_000);
      const next = new HistoryOutbox(storage, new SetAside(storage), () => () => postgres.open());
      next.put(eventRow(2));
      await next.drain();
      expect(epochs(postgres)).toEqual([began, began]);
    }));

  it('one that wrote before there were epochs goes on in the first', () =>
    inObject(async (outbox, postgres, storage) => {
      const row = JSON.stringify(eventRow(1));
      storage.sql.exec("INSERT INTO history_outbox (key, body) VALUES ('task_events:1', ?)", row);
      outbox.put(eventRow(2));
      await outbox.drain();
      expect(epochs(postgres)).toEqual([0, 0]);
    }));

  it('one that was rebuilt is later than the one before it, whatever the clock says', () =>
    inObject(async (outbox, postgres) => {
      const before = Date.now() + 1_000_000;
      outbox.beginAfter(before);
      outbox.put(eventRow(1));
      await outbox.drain();
      expect(epochs(postgres)).toEqual([before + 1]);
    }));

  it('one whose epoch cannot be read begins another', () =>
    inObject(async (outbox, postgres, storage) => {
      outbox.put(eventRow(1));
      storage.kv.put('epoch', 'yesterday');
      pass(1_000);
      await outbox.drain();
      expect(epochs(postgres)).toEqual([Date.now()]);
    }));
});
