import { Pool } from '@neondatabase/serverless';
import { drizzle as drizzleNeon } from 'drizzle-orm/neon-serverless';
import { drizzle as drizzlePostgres } from 'drizzle-orm/postgres-js';
import postgres from 'postgres';
import type { Env } from '../env.ts';
import { type RevisedRow, upsert } from './upsert.ts';

/** One short connection to Postgres. */
export type HistoryConnection = {
  upsert(rows: RevisedRow[]): Promise<void>;
  close(): Promise<void>;
};

const CONNECT_TIMEOUT_S = 5;

/**
 * Hyperdrive with Postgres.js where it is bound, Neon's driver where there is only a `DATABASE_URL`;
 * null where there is neither. One client a drain: nothing may be kept across requests.
 */
export function connectHistory(
  env: Pick<Env, 'HYPERDRIVE' | 'DATABASE_URL'>,
): HistoryConnection | null {
  if (env.HYPERDRIVE !== undefined) {
    const client = postgres(env.HYPERDRIVE.connectionString, {
      max: 1,
      // Types are known from the schema; asking for them would be one more round trip.
      fetch_types: false,
      prepare: false,
      connect_timeout: CONNECT_TIMEOUT_S,
      onnotice: () => {},
    });
    const db = drizzlePostgres(client);
    return { upsert: (rows) => upsert(db, rows), close: () => client.end({ timeout: 1 }) };
  }
  if (env.DATABASE_URL !== undefined) {
    const pool = new Pool({
      connectionString: env.DATABASE_URL,
      max: 1,
      connectionTimeoutMillis: CONNECT_TIMEOUT_S * 1_000,
    });
    const db = drizzleNeon(pool);
    return { upsert: (rows) => upsert(db, rows), close: () => pool.end() };
  }
  return null;
}
