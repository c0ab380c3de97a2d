import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { drizzle } from 'drizzle-orm/postgres-js';
import { migrate } from 'drizzle-orm/postgres-js/migrator';
import postgres from 'postgres';

const MIGRATIONS = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../migrations');

/** @throws a sentence where the address cannot be read; it may hold a password, and is not repeated. */
function clientOf(url: string): postgres.Sql {
  try {
    return postgres(url, { max: 1, onnotice: () => {}, connect_timeout: 10 });
  } catch (error) {
    throw new Error(
      'DATABASE_URL must be an address such as postgres://user:password@host:5432/database, with what is special in the password written as %….',
      { cause: error },
    );
  }
}

/**
 * Brings the database's schema up to date; does nothing when it is. All steps that are missing are one
 * transaction: where one fails, the database is as it was, and the version that runs goes on with it.
 * @throws what failed, in words.
 */
export async function migrateDatabase(url: string, migrationsFolder = MIGRATIONS): Promise<void> {
  const client = clientOf(url);
  try {
    await migrate(drizzle(client), { migrationsFolder });
  } catch (error) {
    const cause = error instanceof Error ? (error.cause ?? error) : error;
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new Error(
      `The database could not be brought up to date: ${why}. Nothing in it was changed: the version that runs goes on with it. Do not deploy the new one before this works.`,
      { cause: error },
    );
  } finally {
    await client.end({ timeout: 5 });
  }
}

if (import.meta.main) {
  const url = process.env.DATABASE_URL;
  if (!url) {
    console.error('Set DATABASE_URL to the Postgres that should be migrated.');
    process.exit(1);
  }
  try {
    await migrateDatabase(url);
    console.log('The database is up to date.');
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    process.exit(1);
  }
}
