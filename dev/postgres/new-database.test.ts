import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { afterAll, expect, it } from 'vitest';
import { ensureDatabase } from './new-database.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'mainloop-database-'));
const data = path.join(folder, 'data');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('a new database is whole, though a start before was killed while it was copied', async () => {
  mkdirSync(`${data}.new/base`, { recursive: true });
  await ensureDatabase(data);
  expect(existsSync(`${data}.new`)).toBe(false);
  const db = await PGlite.create({ dataDir: data });
  expect((await db.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
  await db.close();
});

it('one that is there stays as it is', async () => {
  writeFileSync(path.join(data, 'mine'), 'mine');
  await ensureDatabase(data);
  expect(readFileSync(path.join(data, 'mine'), 'utf8')).toBe('mine');
});

it('a folder that holds something else is not touched', async () => {
  const other = path.join(folder, 'other');
  mkdirSync(other);
  writeFileSync(path.join(other, 'mine'), 'mine');
  await expect(ensureDatabase(other)).rejects.toThrow();
  expect(readFileSync(path.join(other, 'mine'), 'utf8')).toBe('mine');
});
