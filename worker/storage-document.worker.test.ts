import { runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { ulid } from 'ulid';
import { beforeAll, describe, expect, it } from 'vitest';
import { FAN_OUT_MIGRATIONS } from './github/webhook-fan-out.ts';
import { TASK_MIGRATIONS } from './tasks/storage/migrations.ts';
import { TASK_TABLES } from './tasks/storage/tables.ts';
import { TASK_VALUES } from './tasks/storage/task-keys.ts';
import { deliveredTask } from './tasks/testing/open-task.ts';
import { THREAD_MIGRATIONS } from './thread/storage/migrations.ts';
import { THREAD_TABLES } from './thread/storage/tables.ts';
import { THREAD_VALUES } from './thread/storage/thread-values.ts';
import { openThread } from './thread/testing/open-thread.ts';

const [document = ''] = Object.values(
  import.meta.glob<string>('../docs/storage.md', { query: '?raw', import: 'default', eager: true }),
);

/** The cells of the table below this heading. */
function rowsBelow(heading: string): string[][] {
  const [, section = ''] = document.split(`### ${heading}\n`);
  const [table = ''] = section.split(/\n#/, 1);
  return table
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .slice(2)
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
}

const names = (cell = '') => [...cell.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name);

type Found = { tables: Record<string, string[]>; keys: string[] };

/** What an object really holds, by the platform's own list. */
function found({ sql, kv }: DurableObjectStorage): Found {
  const tables = sql
    .exec<{ name: string }>(
      `SELECT name FROM sqlite_master WHERE type = 'table'
        AND name NOT GLOB '_cf_*' AND name NOT GLOB 'sqlite_*'`,
    )
    .toArray();
  return {
    tables: Object.fromEntries(
      tables.map(({ name }) => [
        name,
        sql
          .exec<{ name: string }>('SELECT name FROM pragma_table_info(?)', name)
          .toArray()
          .map((column) => column.name),
      ]),
    ),
    keys: [...kv.list()].map(([key]) => key.replace(/:\d+$/, ':<generation>')),
  };
}

/** Written by other hands than the object's own code. */
const OF_THE_PLATFORM = ['history_outbox', 'set_aside'];
const OF_SANDBOXES = ['token:<generation>', 'runner:<generation>'];

const OBJECTS = [
  {
    name: 'MainThread',
    migrations: THREAD_MIGRATIONS,
    read: THREAD_TABLES.map((table) => table.name),
    values: Object.keys(THREAD_VALUES),
    open: async () => {
      const thread = await openThread();
      const page = await thread.page();
      page.send({ type: 'send', id: ulid(), text: 'Hello' });
      await page.ended(1);
      return thread.stub;
    },
  },
  {
    name: 'Task',
    migrations: TASK_MIGRATIONS,
    read: TASK_TABLES.map((table) => table.name),
    values: [...Object.keys(TASK_VALUES), ...OF_SANDBOXES],
    open: async () => (await deliveredTask()).stub,
  },
  {
    name: 'WebhookFanOut',
    migrations: FAN_OUT_MIGRATIONS,
    read: ['watchers', 'deliveries'],
    values: ['unsigned'],
    open: async () => env.WEBHOOK_FAN_OUT.get(env.WEBHOOK_FAN_OUT.idFromName('demo/tasks')),
  },
];

describe.each(OBJECTS)('docs/storage.md on a $name', ({ name, migrations, read, values, open }) => {
  let really: Found = { tables: {}, keys: [] };
  beforeAll(async () => {
    really = await runInDurableObject(await open(), (_, { storage }) => found(storage));
  });

  it('has every table with its columns, and no other', () => {
    const written = rowsBelow(`Tables of a ${name}`).map(([table, columns]) => [
      names(table)[0],
      names(columns),
    ]);
    expect(Object.fromEntries(written)).toEqual(really.tables);
  });

  it('has every key, and no other', () => {
    const written = rowsBelow(`Keys of a ${name}`).flatMap(([key]) => names(key));
    expect(written.toSorted()).toEqual(['storage', ...values].toSorted());
    for (const key of really.keys) expect(written).toContain(key);
  });

  it('has every migration, in its order', () => {
    expect(rowsBelow(`Migrations of a ${name}`).map(([, called]) => called)).toEqual(
      migrations.map((migration) => migration.name),
    );
  });

  it('has no table whose rows nobody looks at', () => {
    const looked = new Set([...read, ...OF_THE_PLATFORM]);
    expect(Object.keys(really.tables).filter((table) => !looked.has(table))).toEqual([]);
  });
});
