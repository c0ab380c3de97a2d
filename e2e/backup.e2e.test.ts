import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import { type BackupRow, BackupTable } from '../protocol/backup.ts';
import { TaskDetails } from '../protocol/pages.ts';
import { readBackup } from '../dev/backup/file-reader.ts';
import { WORK, writeLargeExport } from './fixtures/large-export.ts';
import { connect } from './harness/client.ts';
import { run } from './harness/command.ts';
import { type TestStack, startTestStack } from './harness/stack.ts';

const MESSAGES = 10_000;
const TASKS = 300;
/** Seconds on a machine of its own; each task is read from Postgres by itself, which waits where others work. */
const LONG_MS = 400_000;

/**
 * What is not the same in two lives of an object: which change wrote a row, whose it is, how far its
 * reports are counted, and when a task last said how it stands.
 */
const NOT_COMPARED = new Set(['epoch', 'revision', 'personId', 'reports', 'report', 'updatedAt']);

type Rows = Map<BackupTable, Map<string, Record<string, unknown>>>;

const keyOf = ({ taskId, row }: BackupRow) => `${taskId ?? ''} ${row['id'] ?? row['number'] ?? ''}`;

function without(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(without);
  // Where an imported checkpoint is kept.
  if (typeof value === 'string') return value.replace(/^imported\/[0-9a-f]{32}\//, '');
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, one]) =>
      NOT_COMPARED.has(key) ? [] : [[key, without(one)]],
    ),
  );
}

/** All rows of a file, by table and key. */
async function rowsOf(file: string): Promise<Rows> {
  const rows: Rows = new Map(BackupTable.options.map((table) => [table, new Map()]));
  for await (const record of readBackup(file)) {
    if (record.is === 'row') rows.get(record.table)?.set(keyOf(record), record.row);
  }
  return rows;
}

/** All bytes of checkpoints in a file. */
async function workIn(file: string): Promise<string> {
  let work = '';
  for await (const record of readBackup(file)) {
    if (record.is === 'part') work += Buffer.from(record.data, 'base64').toString();
  }
  return work;
}

describe(`an export of ${MESSAGES} messages and ${TASKS} tasks`, () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'mainloop-backup-'));
  const file = (name: string) => path.join(folder, name);
  let stack: TestStack;
  let rows: Rows;

  const command = (...given: string[]) => run('dev/backup.ts', given, { MAINLOOP_URL: stack.url });
  const all = (table: BackupTable) => [...(rows.get(table)?.values() ?? [])];

  beforeAll(async () => {
    stack = await startTestStack();
    await writeLargeExport(file('first.gz'), MESSAGES, TASKS);
    rows = await rowsOf(file('first.gz'));
  });

  afterAll(async () => {
    await stack?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it(
    'is imported into an empty installation, and once only',
    async () => {
      const { code, output } = await command('import', file('first.gz'));
      expect(output).toMatch(/^Imported: 10000 messages, 300 tasks and 300 inbox items\./);
      expect(code).toBe(0);
      const again = await command('import', file('first.gz'));
      expect(again).toMatchObject({ code: 0, output: expect.stringMatching(/before: nothing/) });
    },
    LONG_MS,
  );

  it('is all there for a page: the newest messages, all that is open, the settings', async () => {
    const client = await connect(stack.url);
    const { messages, tasks, inbox, settings } = await client.snapshot();
    client.close();
    const Told = z.object({ task: z.object({ id: z.string(), status: z.string() }) });
    const told = new Map(all('thread_tasks').map((row) => [Told.parse(row).task.id, row['task']]));
    expect(messages).toHaveLength(50);
    expect(messages).toEqual(all('messages').slice(-50));
    expect(tasks).toHaveLength(TASKS / 10 + 30);
    for (const task of tasks) expect(without(task)).toEqual(without(told.get(task.id)));
    const open = all('inbox_items').filter(({ outcome }) => outcome === null);
    expect(inbox.filter(({ outcome }) => outcome === null)).toEqual(open.toReversed());
    expect(settings).toEqual(all('settings')[0]);
    const [asking] = tasks;
    const details = await fetch(`${stack.url}/api/tasks/${asking?.id}`);
    expect(TaskDetails.parse(await details.json())).toMatchObject({
      prompt: 'Add a --json flag to the list command.',
    });
  });

  it(
    'is exported again with the same rows',
    async () => {
      const exported = await command('export', file('second.gz'));
      expect(exported).toMatchObject({
        code: 0,
        output: expect.stringMatching(/10,000 messages, 300 tasks.* and 1 checkpoint /),
      });
      expect(await workIn(file('second.gz'))).toBe(WORK);
      const found = await rowsOf(file('second.gz'));
      for (const table of BackupTable.options) {
        const before = all(table);
        expect([...(found.get(table)?.values() ?? [])]).toHaveLength(before.length);
        const differ = [...(rows.get(table) ?? [])].filter(
          ([key, row]) =>
            JSON.stringify(sorted(row)) !== JSON.stringify(sorted(found.get(table)?.get(key))),
        );
        expect({ table, differ: differ.slice(0, 3) }).toEqual({ table, differ: [] });
      }
    },
    LONG_MS,
  );

  it('is refused where something is', async () => {
    await writeLargeExport(file('other.gz'), 1, 0);
    expect(await command('import', file('other.gz'))).toMatchObject({
      code: 1,
      output: expect.stringMatching(/not empty \(10000 messages.*nothing was changed/),
    });
  });
});

/** In the order of their names, which Postgres does not keep, and without what is not compared. */
function sorted(value: unknown): unknown {
  const kept = without(value);
  if (Array.isArray(kept)) return kept.map(sorted);
  if (typeof kept !== 'object' || kept === null) return kept;
  return Object.fromEntries(
    Object.entries(kept)
      .toSorted(([one], [other]) => (one < other ? -1 : 1))
      .map(([key, one]) => [key, sorted(one)]),
  );
}
