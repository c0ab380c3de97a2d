import { runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { ulid } from 'ulid';
import { expect, it } from 'vitest';
import { passingRows } from '../testing/older-objects.ts';
import { SetAside } from '../platform/set-aside.ts';
import { HistoryOutbox } from './outbox.ts';
import { readHistoryRow } from './stored-row.ts';
import { EVERY_TABLE } from './testing/rows.ts';
import { fakePostgres } from './testing/fake-postgres.ts';

it.each(EVERY_TABLE.map((row) => [row.table, row] as const))(
  'a row of %s is read as it was written',
  (_, row) => {
    expect(readHistoryRow(JSON.stringify(row))).toEqual(row);
  },
);

it.each(['v0a', 'v0b', 'v1'])('rows that %s left on their way are read', (version) => {
  const rows = [...passingRows(version, 'MainThread'), ...passingRows(version, 'Task')].filter(
    ({ table }) => table === 'history_outbox',
  );
  expect(rows.length).toBeGreaterThan(4);
  for (const { row } of rows) expect(readHistoryRow(String(row.body))).not.toBeNull();
});

it.each(['', '{', '{"table":"messages"}', '{"table":"nowhere","personId":"a","row":{}}', 'null'])(
  'what is no row is none: %s',
  (body) => {
    expect(readHistoryRow(body)).toBeNull();
  },
);

it('a row that cannot be read holds up no other', () =>
  runInDurableObject(env.TASK.get(env.TASK.idFromName(ulid())), async (_, { storage }) => {
    const fake = fakePostgres();
    const outbox = new HistoryOutbox(storage, new SetAside(storage), () => fake.open);
    outbox.init();
    storage.sql.exec("INSERT INTO history_outbox (key, body) VALUES ('a', '{\"table\"')");
    for (const row of EVERY_TABLE) outbox.put(row);
    await outbox.drain();
    expect(fake.rows()).toEqual(EVERY_TABLE);
    expect(outbox.pending()).toBe(0);
  }));
