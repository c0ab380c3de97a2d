import { Pool } from '@neondatabase/serverless';
import { drizzle as drizzleNeon } from 'drizzle-orm/neon-serverless';
import { drizzle as drizzlePostgres } from 'drizzle-orm/postgres-js';
import postgres from 'postgres';
import type { Env } from '../env.ts';
import type { RevisedRow } from './by-table.ts';
import type { BackupCounts, BackupCursor } from '../../protocol/backup.ts';
import type { SearchHit } from '../../protocol/search.ts';
import { type BackupPage, countRows, forgetRows, pageAfter } from './pages.ts';
import { type HistoryReader, PostgresReader } from './read.ts';
import { search } from './search.ts';
import { type HistoryDb, upsert } from './upsert.ts';

/** One short connection to Postgres. */
export type HistoryConnection = {
  upsert(rows: RevisedRow[]): Promise<void>;
  /** What this person's messages, tasks and activity say about it, the best first. */
  search(personId: string, query: string, limit: number): Promise<SearchHit[]>;
  /** What this person's objects wrote. */
  read(personId: string): HistoryReader;
  /** This person's rows of all tables after a place, some at a time. */
  page(personId: string, after: BackupCursor | null): Promise<BackupPage>;
  counts(personId: string): Promise<BackupCounts>;
  /** Deletes all of this person's rows. */
  forget(personId: string): Promise<void>;
  close(): Promise<void>;
};

/** One client a use: nothing may be kept across requests. */
export type OpenHistory = () => HistoryConnection;

const CONNECT_TIMEOUT_S = 5;

/**
 * Hyperdrive with Postgres.js where it is bound, Neon's driver where there is only a `DATABASE_URL`;
 * null where there is neither.
 */
export function historyOf(env: Pick<Env, 'HYPERDRIVE' | 'DATABASE_URL'>): OpenHistory | null {
  const { HYPERDRIVE: hyperdrive, DATABASE_URL: url } = env;
  if (hyperdrive !== undefined) return () => overHyperdrive(hyperdrive.connectionString);
  if (url !== undefined) return () => overNeon(url);
  return null;
}

function overHyperdrive(connectionString: string): HistoryConnection {
  const client = postgres(connectionString, {
    max: 1,
    // Types are known from the schema; asking for them would be one more round trip.
    fetch_types: false,
    prepare: false,
    connect_timeout: CONNECT_TIMEOUT_S,
    onnotice: () => {},
  });
  return connectionOf(drizzlePostgres(client), () => client.end({ timeout: 1 }));
}

function overNeon(connectionString: string): HistoryConnection {
  const pool = new Pool({
    connectionString,
    max: 1,
    connectionTimeoutMillis: CONNECT_TIMEOUT_S * 1_000,
  });
  return connectionOf(drizzleNeon(pool), () => pool.end());
}

function connectionOf(db: HistoryDb, close: () => Promise<void>): HistoryConnection {
  return {
    upsert: (rows) => upsert(db, rows),
    search: (personId, query, limit) => search(db, personId, query, limit),
    read: (personId) => new PostgresReader(db, personId),
    page: (personId, after) => pageAfter(db, personId, after),
    counts: (personId) => countRows(db, personId),
    forget: (personId) => forgetRows(db, personId),
    close,
  };
}
