import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { PGlite } from '@electric-sql/pglite';
import * as z from 'zod/mini';

const MODULES = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../node_modules');
const CACHE = path.join(MODULES, '.cache/mainloop');
const Package = z.object({ version: z.string() });

/** A file that every Postgres writes into its data folder. */
const isDatabase = (folder: string) => existsSync(path.join(folder, 'PG_VERSION'));

/** Moves a folder to where it is whole or not at all; another that got there first is as good. */
function settle(made: string, folder: string): void {
  try {
    renameSync(made, folder);
  } catch (error) {
    if (!isDatabase(folder)) throw error;
    rmSync(made, { recursive: true, force: true });
  }
}

/** An empty database of this PGlite, made once on this machine: that takes it seconds of work. */
async function template(): Promise<string> {
  const file = path.join(MODULES, '@electric-sql/pglite/package.json');
  const { version } = Package.parse(JSON.parse(readFileSync(file, 'utf8')));
  const folder = path.join(CACHE, `postgres-${version}`);
  if (isDatabase(folder)) return folder;
  mkdirSync(CACHE, { recursive: true });
  const made = mkdtempSync(path.join(CACHE, 'postgres-new-'));
  const db = await PGlite.create({ dataDir: made });
  await db.close();
  settle(made, folder);
  return folder;
}

/** Sees to it that the folder holds a database: the one that is there, or a new, empty one. */
export async function ensureDatabase(folder: string): Promise<void> {
  if (isDatabase(folder)) return;
  const from = await template();
  const copy = `${folder}.new`;
  // What a start that was killed left behind.
  rmSync(copy, { recursive: true, force: true });
  cpSync(from, copy, { recursive: true });
  settle(copy, folder);
}
