import { runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { ulid } from 'ulid';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { hasTable } from '../platform/migrations.ts';
import { SetAside } from '../platform/set-aside.ts';
import { HistoryOutbox } from './outbox.ts';
import { fakePostgres } from './testing/fake-postgres.ts';
import { inObject } from './testing/in-object.ts';
import { EVERY_TABLE, eventRow, messageRow } from './testing/rows.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'] });
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});
const pass = (ms: number) => vi.setSystemTime(Date.now() + ms);

/** As drivers throw it: the database's code is on the error itself or on its cause. */
function refusal(code: string): Error {
  return new Error('Failed query, params: a private word', {
    cause: Object.assign(new Error('refused'), { code }),
  });
}

describe('rows on their way', () => {
  it('arrive once, in the order of their changes', () =>
    inObject(async (outbox, postgres) => {
      for (const row of EVERY_TABLE) outbox.put(row);
      expect(outbox.pending()).toBe(EVERY_TABLE.length);
      await outbox.drain();
      await outbox.drain();
      expect(postgres.rows()).toEqual(EVERY_TABLE);
      expect(outbox.pending()).toBe(0);
      expect(outbox.wakeAt()).toBeNull();
    }));

  it('that change again before they left go once, in their newest version', () =>
    inObject(async (outbox, postgres) => {
      outbox.put(messageRow('A', 'one'));
      outbox.put(messageRow('B', 'other'));
      outbox.put(messageRow('A', 'two'));
      await outbox.drain();
      expect(postgres.rows()).toEqual([messageRow('B', 'other'), messageRow('A', 'two')]);
    }));

  it('have a revision that grows with every change, also after a drain', () =>
    inObject(async (outbox, postgres) => {
      for (const text of ['one', 'two', 'three']) {
        outbox.put(messageRow('A', text));
        await outbox.drain();
      }
      const revisions = postgres.batches.flat().map(({ revision }) => revision);
      expect(revisions).toEqual([...new Set(revisions)].toSorted((a, b) => a - b));
      expect(revisions).toHaveLength(3);
    }));

  it('go in batches of at most 100, and no batch is large', () =>
    inObject(async (outbox, postgres) => {
      for (let number = 1; number <= 250; number++) outbox.put(eventRow(number));
      for (let number = 251; number <= 254; number++)
        outbox.put(eventRow(number, 'x'.repeat(900_000)));
      await outbox.drain();
      expect(postgres.batches.map(({ length }) => length)).toEqual([100, 100, 52, 2]);
      expect(postgres.connections).toBe(1);
    }));

  it('that is larger than a batch may be goes alone', () =>
    inObject(async (outbox, postgres) => {
      outbox.put(eventRow(1, 'x'.repeat(1_890_000)));
      outbox.put(eventRow(2, 'x'.repeat(1_890_000)));
      await outbox.drain();
      expect(postgres.batches.map(({ length }) => length)).toEqual([1, 1]);
    }));
});

describe('a row leaves only after its commit', () => {
  it('and not while Postgres still works on it', () =>
    inObject(async (outbox, postgres) => {
      const { promise, resolve } = Promise.withResolvers<void>();
      postgres.before = () => promise;
      outbox.put(eventRow(1));
      const draining = outbox.drain();
      expect(outbox.pending()).toBe(1);
      resolve();
      await draining;
      expect(outbox.pending()).toBe(0);
    }));

  it('and not when it changed meanwhile: then the newer version follows', () =>
    inObject(async (outbox, postgres) => {
      const { promise, resolve } = Promise.withResolvers<void>();
      postgres.before = () => promise;
      outbox.put(messageRow('A', 'one'));
      const draining = outbox.drain();
      outbox.put(messageRow('A', 'two'));
      resolve();
      await Promise.all([draining, outbox.drain()]);
      expect(postgres.rows()).toEqual([messageRow('A', 'one'), messageRow('A', 'two')]);
      expect(outbox.pending()).toBe(0);
    }));

  it('one drain at a time, also when many are asked for', () =>
    inObject(async (outbox, postgres) => {
      outbox.put(eventRow(1));
      await Promise.all([outbox.drain(), outbox.drain(), outbox.drain()]);
      expect(postgres).toMatchObject({ connections: 1, closed: 1 });
      expect(postgres.rows()).toHaveLength(1);
    }));
});

describe('while Postgres is away', () => {
  const away = async () => {
    throw Object.assign(new Error('connection refused'), { code: 'ECONNREFUSED' });
  };

  it('rows wait, connections are closed, and the object is woken later and later', () =>
    inObject(async (outbox, postgres) => {
      const asked = vi.fn<typeof away>(away);
      postgres.before = asked;
      outbox.put(eventRow(1));
      const pauses: number[] = [];
      for (let tried = 0; tried < 7; tried++) {
        await outbox.drain();
        const wakeAt = outbox.wakeAt() ?? 0;
        pauses.push(wakeAt - Date.now());
        vi.setSystemTime(wakeAt);
      }
      expect(pauses).toEqual([1_000, 2_000, 4_000, 8_000, 15_000, 15_000, 15_000]);
      expect(postgres).toMatchObject({ connections: 7, closed: 7 });
      expect(asked).toHaveBeenCalledTimes(7);
      expect(outbox.pending()).toBe(1);
      postgres.before = async () => {};
      await outbox.drain();
      expect(postgres.rows()).toEqual([eventRow(1)]);
      expect(outbox.wakeAt()).toBeNull();
    }));

  it('no connection is made before its time', () =>
    inObject(async (outbox, postgres) => {
      postgres.before = away;
      outbox.put(eventRow(1));
      await outbox.drain();
      await outbox.drain();
      expect(postgres.connections).toBe(1);
      pass(1_000);
      await outbox.drain();
      expect(postgres.connections).toBe(2);
    }));

  it('a table that is not there yet is no reason to lose a row', () =>
    inObject(async (outbox, postgres) => {
      postgres.before = () => Promise.reject(refusal('42P01'));
      outbox.put(eventRow(1));
      await outbox.drain();
      expect(outbox.pending()).toBe(1);
    }));

  it('a connection that cannot even be made is no error for the caller', () =>
    inObject(async (outbox, postgres) => {
      postgres.open = () => {
        throw new Error('no such host');
      };
      outbox.put(eventRow(1));
      await outbox.drain();
      expect(outbox.wakeAt()).toBe(Date.now() + 1_000);
    }));

  it('rows outlive the outbox that took them', () =>
    inObject(async (outbox, postgres, storage) => {
      postgres.before = away;
      outbox.put(eventRow(1));
      await outbox.drain();
      postgres.before = async () => {};
      const next = new HistoryOutbox(storage, new SetAside(storage), () => () => postgres.open());
      expect(next.pending()).toBe(1);
      await next.drain();
      expect(postgres.rows()).toEqual([eventRow(1)]);
    }));
});

describe('a row that Postgres refuses', () => {
  it.each(['22021', '22P02', '23502', '54000'])('(%s) is set aside and holds up no other', (code) =>
    inObject(async (outbox, postgres, storage) => {
      postgres.before = async (rows) => {
        if (rows.some(({ row }) => row.table === 'messages')) throw refusal(code);
      };
      for (const row of [eventRow(1), messageRow('A', 'refused'), eventRow(2)]) outbox.put(row);
      await outbox.drain();
      expect(postgres.rows()).toEqual([eventRow(1), eventRow(2)]);
      expect(outbox.pending()).toBe(0);
      expect(outbox.wakeAt()).toBeNull();
      expect(new SetAside(storage).list(9)).toMatchObject({
        count: 1,
        rows: [{ table: 'history_outbox', key: 'messages:A' }],
      });
    }),
  );

  it('because the driver cannot write it down is no sign that Postgres is away', () =>
    inObject(async (outbox, postgres) => {
      postgres.before = async (rows) => {
        if (rows.some(({ row }) => row.table === 'messages')) throw new RangeError('Invalid time');
      };
      for (const row of [messageRow('A', 'at no time'), eventRow(1)]) outbox.put(row);
      await outbox.drain();
      expect(postgres.rows()).toEqual([eventRow(1)]);
      expect([outbox.pending(), outbox.wakeAt()]).toEqual([0, null]);
    }));

  it.each(['22021', '42P01'])('(%s) is logged by its key, never with its text', (code) =>
    inObject(async (outbox, postgres) => {
      const lines = vi.spyOn(console, code === '22021' ? 'error' : 'warn');
      postgres.before = () => Promise.reject(refusal(code));
      outbox.put(messageRow('A', 'a private word'));
      await outbox.drain();
      const logged = lines.mock.calls.flat().join('\n');
      expect(logged).toContain('refused');
      expect(logged).not.toContain('private');
    }),
  );

  it('gets another chance when it changes', () =>
    inObject(async (outbox, postgres) => {
      postgres.before = () => Promise.reject(refusal('22021'));
      outbox.put(messageRow('A', 'refused'));
      await outbox.drain();
      postgres.before = async () => {};
      outbox.put(messageRow('A', 'better'));
      await outbox.drain();
      expect(postgres.rows()).toEqual([messageRow('A', 'better')]);
    }));

  it('and cannot be read keeps none behind it waiting, however many they are', () =>
    inObject(async (outbox, postgres, { sql }) => {
      for (let number = 1; number <= 250; number++) {
        sql.exec('INSERT INTO history_outbox (key, body) VALUES (?, ?)', `key ${number}`, '{');
      }
      outbox.put(messageRow('A', 'well'));
      await outbox.drain();
      expect(postgres.rows()).toEqual([messageRow('A', 'well')]);
      expect(outbox.pending()).toBe(0);
    }));

  it('is not set aside when Postgres goes away while the rows are tried one by one', () =>
    inObject(async (outbox, postgres) => {
      const errors = [refusal('22021'), new Error('connection reset')];
      postgres.before = async () => {
        const error = errors.shift();
        if (error !== undefined) throw error;
      };
      outbox.put(eventRow(1));
      outbox.put(eventRow(2));
      await outbox.drain();
      expect(outbox.pending()).toBe(2);
    }));
});

it('an object that was never used has no outbox and needs no waking', async () => {
  const stub = env.TASK.get(env.TASK.idFromName(ulid()));
  await runInDurableObject(stub, async (_, { storage }) => {
    const outbox = new HistoryOutbox(storage, new SetAside(storage), () => fakePostgres().open);
    await outbox.drain();
    expect([outbox.pending(), outbox.wakeAt()]).toEqual([0, null]);
    expect(hasTable(storage, 'history_outbox')).toBe(false);
    expect([...storage.kv.list()]).toEqual([]);
  });
});
