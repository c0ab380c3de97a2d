import { runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { ulid } from 'ulid';
import { expect, it } from 'vitest';
import * as z from 'zod/mini';
import { ANY_COLUMNS, inspect } from './inspect.ts';
import { SET_ASIDE_TABLE, SetAside } from './set-aside.ts';

const NOTES = {
  name: 'notes',
  key: 'number',
  json: { column: 'body', schema: z.object({}) },
  columns: ANY_COLUMNS,
};

it('a look at large rows ends at a bound of their characters, with the newest seen', async () => {
  const stub = env.TASK.get(env.TASK.idFromName(ulid()));
  await runInDurableObject(stub, (_, { storage }) => {
    const { sql } = storage;
    sql.exec(SET_ASIDE_TABLE);
    sql.exec('CREATE TABLE notes (number INTEGER PRIMARY KEY, body TEXT NOT NULL)');
    for (let number = 1; number <= 15; number++) {
      sql.exec('INSERT INTO notes VALUES (?, ?)', number, `broken ${'x'.repeat(1_900_000)}`);
    }
    const setAside = new SetAside(storage);
    inspect(storage, setAside, [NOTES]);
    const keys = setAside.list(20).rows.map(({ key }) => Number(key));
    expect(keys.toSorted((one, other) => one - other)).toEqual([
      6, 7, 8, 9, 10, 11, 12, 13, 14, 15,
    ]);
  });
});
