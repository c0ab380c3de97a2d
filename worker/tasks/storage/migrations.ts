import { type Migration, type ObjectStorage, hasTable } from '../../platform/migrations.ts';
import { secretHash } from '../../platform/secret-hash.ts';
import { SET_ASIDE_TABLE } from '../../platform/set-aside.ts';
import {
  lastCommitOf,
  needsWatch,
  olderRecord,
  olderReport,
  renamedRecord,
  renamedReport,
} from './older-shapes.ts';

/** Everything as it was before storage had numbers. */
const FIRST_TABLES = `
  CREATE TABLE IF NOT EXISTS events (number INTEGER PRIMARY KEY, at INTEGER NOT NULL, body TEXT NOT NULL);
  CREATE TABLE IF NOT EXISTS mailbox (place INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, body TEXT NOT NULL);
  CREATE TABLE IF NOT EXISTS reports (number INTEGER PRIMARY KEY AUTOINCREMENT, body TEXT NOT NULL);
  CREATE TABLE IF NOT EXISTS intents (key TEXT PRIMARY KEY, body TEXT NOT NULL, tries INTEGER NOT NULL, due_at INTEGER NOT NULL);
  CREATE TABLE IF NOT EXISTS decisions (id TEXT PRIMARY KEY, tool_use_id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, body TEXT NOT NULL);
  CREATE TABLE IF NOT EXISTS usage (
    id TEXT PRIMARY KEY, model TEXT NOT NULL, day TEXT NOT NULL, input INTEGER NOT NULL, output INTEGER NOT NULL,
    cache_read INTEGER NOT NULL, cache_write INTEGER NOT NULL, cost REAL NOT NULL);
  CREATE TABLE IF NOT EXISTS history_outbox (
    revision INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL UNIQUE, body TEXT NOT NULL,
    tries INTEGER NOT NULL DEFAULT 0);
`;
const ANSWERS =
  'CREATE TABLE IF NOT EXISTS answers (request_id TEXT PRIMARY KEY, body TEXT NOT NULL)';
const TURN_QUEUE =
  'CREATE TABLE IF NOT EXISTS turn_queue (place INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, text TEXT NOT NULL)';

const EGRESS_REFUSALS_TABLE =
  'CREATE TABLE IF NOT EXISTS egress_refusals (asked TEXT PRIMARY KEY, count INTEGER NOT NULL, first_at INTEGER NOT NULL, last_at INTEGER NOT NULL)';

const RESERVATIONS_TABLE =
  'CREATE TABLE IF NOT EXISTS reservations (id TEXT PRIMARY KEY, worst REAL NOT NULL, heard_at INTEGER NOT NULL, usage TEXT NOT NULL)';

/** Rewrites the task's record; one that is no object stays for its reader to set aside. */
function rewriteRecord({ kv }: ObjectStorage, rewrite: (record: object) => object): void {
  const record = kv.get<unknown>('record');
  if (typeof record === 'object' && record !== null) kv.put('record', rewrite(record));
}

/** Rewrites the reports that wait; one that is no JSON object stays for its reader to set aside. */
function rewriteReports({ sql }: ObjectStorage, rewrite: (report: object) => object): void {
  const rows = sql.exec<{ number: number; body: string }>('SELECT number, body FROM reports');
  for (const { number, body } of rows.toArray()) {
    let report: unknown;
    try {
      report = JSON.parse(body);
    } catch {
      continue;
    }
    if (typeof report !== 'object' || report === null) continue;
    const rewritten = JSON.stringify(rewrite(report));
    sql.exec('UPDATE reports SET body = ? WHERE number = ?', rewritten, number);
  }
}

/** A command has a result, messages are queued, a task has a slot and an initial mode. */
function renameToTheCodesWords(storage: ObjectStorage): void {
  const { sql, kv } = storage;
  if (!hasTable(storage, 'command_results')) {
    sql.exec('ALTER TABLE answers RENAME TO command_results');
  }
  if (!hasTable(storage, 'queued_messages')) {
    sql.exec('ALTER TABLE turn_queue RENAME TO queued_messages');
  }
  const told = kv.get<unknown>('place_told');
  if (told !== undefined) {
    kv.put('slot_told', told);
    kv.delete('place_told');
  }
  rewriteRecord(storage, renamedRecord);
  rewriteReports(storage, renamedReport);
}

/** Condition on a row's JSON; `CASE`, since the order of an `AND` is SQLite's to choose. */
const hasType = (type: string) =>
  `CASE WHEN json_valid(body) THEN json_extract(body, '$.type') = '${type}' END`;

/** What tasks did not have before there were plans, slots and reviews. */
function fillOlderShapes(storage: ObjectStorage): void {
  const { sql, kv } = storage;
  const events = sql.exec<{ body: string }>(
    `SELECT body FROM events WHERE ${hasType('commit')} ORDER BY number DESC LIMIT 1`,
  );
  const [commit] = [...events].map(({ body }) => lastCommitOf(body));
  rewriteRecord(storage, (record) => olderRecord(record, kv.get<unknown>('head'), commit ?? null));
  rewriteReports(storage, olderReport);
  // A sandbox is stopped by its host, no longer by mail.
  sql.exec(`DELETE FROM mailbox WHERE ${hasType('cancel')}`);
}

/** The fan-out of webhooks got another class, and where its data stayed behind it knows nobody. */
function watchAgain({ sql, kv }: ObjectStorage): void {
  if (!needsWatch(kv.get<unknown>('record'))) return;
  sql.exec(
    'INSERT OR REPLACE INTO intents (key, body, tries, due_at) VALUES (?, ?, 0, ?)',
    'watch',
    JSON.stringify({ do: 'watch' }),
    Date.now(),
  );
}

/** The steps of a Task's storage. See `Migration`: add at the end, never change one. */
export const TASK_MIGRATIONS: readonly Migration[] = [
  {
    name: 'the first tables',
    breaks: true,
    up: (storage) => {
      storage.sql.exec(FIRST_TABLES);
      // Once they have their newer names, they must not come back under the old ones.
      if (!hasTable(storage, 'command_results')) storage.sql.exec(ANSWERS);
      if (!hasTable(storage, 'queued_messages')) storage.sql.exec(TURN_QUEUE);
    },
  },
  {
    name: 'rows that cannot be read are set aside',
    breaks: false,
    up: ({ sql }) => {
      sql.exec(SET_ASIDE_TABLE);
    },
  },
  { name: 'the code’s words', breaks: true, up: renameToTheCodesWords },
  { name: 'what older tasks lack', breaks: false, up: fillOlderShapes },
  { name: 'webhooks reach the task again', breaks: false, up: watchAgain },
  {
    name: 'what a sandbox asked for and did not get',
    breaks: false,
    up: ({ sql }) => {
      sql.exec(EGRESS_REFUSALS_TABLE);
    },
  },
  {
    name: 'changes of status are found at once',
    breaks: false,
    up: ({ sql }) => {
      sql.exec(
        `CREATE INDEX IF NOT EXISTS events_of_status ON events (number) WHERE ${hasType('status')}`,
      );
    },
  },
  {
    name: 'messages that wait have attachments',
    breaks: false,
    up: ({ sql }) => {
      const [there] = sql.exec(
        "SELECT 1 FROM pragma_table_info('queued_messages') WHERE name = 'attachments'",
      );
      if (there === undefined) sql.exec('ALTER TABLE queued_messages ADD COLUMN attachments TEXT');
    },
  },
  {
    name: 'money is set aside for calls under way',
    breaks: false,
    up: ({ sql }) => {
      sql.exec(RESERVATIONS_TABLE);
      const [there] = sql.exec(
        "SELECT 1 FROM pragma_table_info('usage') WHERE name = 'is_estimated'",
      );
      if (there === undefined) {
        sql.exec('ALTER TABLE usage ADD COLUMN is_estimated INTEGER NOT NULL DEFAULT 0');
      }
    },
  },
  {
    name: 'of a sandbox’s secret only the hash is kept',
    breaks: true,
    up: ({ kv }) => {
      for (const [key, secret] of kv.list<unknown>({ prefix: 'token:' })) {
        if (typeof secret === 'string') kv.put(key, [secretHash(secret)]);
      }
    },
  },
];
