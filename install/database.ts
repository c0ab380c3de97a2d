import { readFileSync } from 'node:fs';
import path from 'node:path';
import postgres from 'postgres';
import * as z from 'zod/mini';
import { migrateDatabase } from '../dev/postgres/migrate.ts';
import { reasonOf } from './reason.ts';
import { Stop } from './stop.ts';

const CONNECT_TIMEOUT_S = 10;
const Journal = z.object({ entries: z.array(z.object({ tag: z.string(), when: z.int() })) });

export type Database = {
  /** Names of the migrations that were not run yet; throws a sentence when it cannot be reached. */
  pending(): Promise<string[]>;
  /** Runs them, all or none. */
  migrate(): Promise<void>;
};

/** Migrations as drizzle writes them: it remembers each by the time in its journal. */
export function databaseAt(url: string, root: string): Database {
  const folder = path.join(root, 'migrations');
  const journal = Journal.parse(
    JSON.parse(readFileSync(path.join(folder, 'meta/_journal.json'), 'utf8')),
  );
  return {
    async pending() {
      let sql: postgres.Sql | null = null;
      try {
        // It throws where the address cannot be read, as with a `%` that stands for itself.
        sql = postgres(url, { max: 1, onnotice: () => {}, connect_timeout: CONNECT_TIMEOUT_S });
        const [table] = await sql`select to_regclass('drizzle.__drizzle_migrations') as name`;
        if (table?.name === null) return journal.entries.map(({ tag }) => tag);
        const rows =
          await sql`select max(created_at)::bigint as last from drizzle.__drizzle_migrations`;
        const last = Number(rows[0]?.last ?? 0);
        return journal.entries.filter(({ when }) => when > last).map(({ tag }) => tag);
      } catch (error) {
        throw new Stop(
          `Postgres cannot be used: ${reasonOf(error)}. Look at DATABASE_URL, and that this machine may reach it.`,
        );
      } finally {
        await sql?.end({ timeout: 5 });
      }
    },
    async migrate() {
      try {
        await migrateDatabase(url);
      } catch (error) {
        throw new Stop(
          `The database could not be brought up to date: ${reasonOf(error)}. Nothing was deployed: the version that runs goes on working.`,
        );
      }
    },
  };
}
