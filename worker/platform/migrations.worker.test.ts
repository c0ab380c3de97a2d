import { runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { ulid } from 'ulid';
import { describe, expect, it } from 'vitest';
import { TASK_MIGRATIONS } from '../tasks/storage/migrations.ts';
import { THREAD_MIGRATIONS } from '../thread/storage/migrations.ts';
import { type Migration, VERSION_KEY, hasTable, migrate, versionOf } from './migrations.ts';

/** Runs a test with the storage of an object of its own. */
function inStorage(test: (storage: DurableObjectStorage) => void): Promise<void> {
  const stub = env.TASK.get(env.TASK.idFromName(ulid()));
  return runInDurableObject(stub, (_, { storage }) => test(storage));
}

/** A step that makes a table and a key of its name. */
function step(name: string, breaks = false): Migration {
  return {
    name,
    breaks,
    up: ({ sql, kv }) => {
      sql.exec(`CREATE TABLE ${name} (a TEXT)`);
      kv.put(name, true);
    },
  };
}

const broken: Migration = {
  ...step('two'),
  up: (storage) => {
    step('two').up(storage);
    throw new Error('cut short by the test');
  },
};

/** Everything that the storage holds. */
function contents({ sql, kv }: DurableObjectStorage) {
  const names = sql.exec<{ name: string; sql: string }>(
    "SELECT name, sql FROM sqlite_master WHERE name NOT GLOB '_cf_*' ORDER BY name",
  );
  return { tables: names.toArray(), values: [...kv.list()] };
}

describe('migrations', () => {
  it('run in their order, each once', () =>
    inStorage((storage) => {
      const ran: number[] = [];
      const noting = (number: number): Migration => ({
        name: String(number),
        breaks: false,
        up: () => void ran.push(number),
      });
      expect(migrate(storage, [noting(1), noting(2)])).toEqual({
        is: 'open',
        version: 2,
        applied: 2,
      });
      const longer = [noting(1), noting(2), noting(3)];
      expect(migrate(storage, longer)).toEqual({ is: 'open', version: 3, applied: 1 });
      expect(migrate(storage, longer)).toEqual({ is: 'open', version: 3, applied: 0 });
      expect(ran).toEqual([1, 2, 3]);
    }));

  it('that are cut short leave what was done before, take back the rest, and go on at the next start', () =>
    inStorage((storage) => {
      expect(migrate(storage, [step('one'), broken, step('three')])).toMatchObject({
        is: 'closed',
        version: 1,
        why: /Nothing is lost/,
      });
      expect(['one', 'two', 'three'].map((name) => hasTable(storage, name))).toEqual([
        true,
        false,
        false,
      ]);
      expect(storage.kv.get('two')).toBeUndefined();
      expect(migrate(storage, [step('one'), step('two'), step('three')])).toEqual({
        is: 'open',
        version: 3,
        applied: 2,
      });
    }));

  it('of a newer deploy that older code may overlook are overlooked', () =>
    inStorage((storage) => {
      migrate(storage, [step('one', true), step('two')]);
      const before = contents(storage);
      expect(migrate(storage, [step('one', true)])).toEqual({
        is: 'open',
        version: 2,
        applied: 0,
      });
      expect(contents(storage)).toEqual(before);
    }));

  it('of a newer deploy that older code would misread keep it out, and the storage as it is', () =>
    inStorage((storage) => {
      migrate(storage, [step('one'), step('two', true), step('three')]);
      const before = contents(storage);
      expect(migrate(storage, [step('one')])).toMatchObject({
        is: 'closed',
        version: 3,
        why: /newer version of Mainloop/,
      });
      expect(contents(storage)).toEqual(before);
    }));
});

describe.each([
  ['MainThread', THREAD_MIGRATIONS],
  ['Task', TASK_MIGRATIONS],
])('the storage of a %s', (_, migrations) => {
  it('ends the same when its number was lost and every step runs once more', () =>
    inStorage((storage) => {
      migrate(storage, migrations);
      const before = contents(storage);
      storage.kv.put(VERSION_KEY, 'not a number');
      expect(versionOf(storage)).toBe(0);
      expect(migrate(storage, migrations)).toMatchObject({
        is: 'open',
        version: migrations.length,
      });
      expect(contents(storage)).toEqual(before);
    }));
});
