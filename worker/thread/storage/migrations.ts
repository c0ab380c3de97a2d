import { type Migration, type ObjectStorage, hasTable } from '../../platform/migrations.ts';
import { SET_ASIDE_TABLE } from '../../platform/set-aside.ts';

/** Everything as it was before storage had numbers. */
const FIRST_TABLES = `
  CREATE TABLE IF NOT EXISTS log (seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, body TEXT NOT NULL);
  CREATE TABLE IF NOT EXISTS messages (id TEXT PRIMARY KEY, seq INTEGER NOT NULL UNIQUE, text TEXT NOT NULL, body TEXT NOT NULL);
  CREATE TABLE IF NOT EXISTS tasks (id TEXT PRIMARY KEY, created_at INTEGER NOT NULL, open INTEGER NOT NULL, report INTEGER NOT NULL, body TEXT NOT NULL);
  CREATE INDEX IF NOT EXISTS tasks_open ON tasks (open, created_at);
  CREATE TABLE IF NOT EXISTS inbox (id TEXT PRIMARY KEY, task_id TEXT NOT NULL, open INTEGER NOT NULL, body TEXT NOT NULL);
  CREATE INDEX IF NOT EXISTS inbox_open ON inbox (open, id);
  CREATE TABLE IF NOT EXISTS commands (id TEXT PRIMARY KEY, answer TEXT NOT NULL);
  CREATE TABLE IF NOT EXISTS turns (id INTEGER PRIMARY KEY AUTOINCREMENT, cause TEXT NOT NULL, reply_id TEXT);
  CREATE TABLE IF NOT EXISTS tool_intents (tool_use_id TEXT PRIMARY KEY, task_id TEXT NOT NULL, result TEXT);
  CREATE TABLE IF NOT EXISTS spending (day TEXT NOT NULL, task_id TEXT NOT NULL, cost REAL NOT NULL, PRIMARY KEY (day, task_id));
  CREATE TABLE IF NOT EXISTS history_outbox (
    revision INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL UNIQUE, body TEXT NOT NULL,
    tries INTEGER NOT NULL DEFAULT 0);
`;

const PLACES = `
  CREATE TABLE IF NOT EXISTS places (
    task_id TEXT PRIMARY KEY, rank INTEGER NOT NULL, attempt INTEGER NOT NULL, place TEXT NOT NULL,
    given INTEGER NOT NULL, ahead INTEGER NOT NULL, after TEXT);
`;

/** `places` is `slots`, a command has a result, a notice is of a task. */
function renameToTheCodesWords({ sql }: ObjectStorage): void {
  if (hasTable({ sql }, 'places')) {
    sql.exec(`
      CREATE TABLE IF NOT EXISTS slots (
        task_id TEXT PRIMARY KEY, rank INTEGER NOT NULL, attempt INTEGER NOT NULL, slot TEXT NOT NULL,
        granted INTEGER NOT NULL, ahead INTEGER NOT NULL, after TEXT);
      INSERT OR IGNORE INTO slots SELECT task_id, rank, attempt, place, given, ahead, after FROM places;
      DROP TABLE places;
    `);
  }
  const [answer] = sql.exec("SELECT 1 FROM pragma_table_info('commands') WHERE name = 'answer'");
  if (answer !== undefined) sql.exec('ALTER TABLE commands RENAME COLUMN answer TO result');
  sql.exec(`UPDATE turns
    SET cause = json_remove(json_set(cause, '$.task', json_extract(cause, '$.line')), '$.line')
    WHERE CASE WHEN json_valid(cause) THEN json_type(cause, '$.line') = 'object' END`);
}

const TURNS_TAKEN_UP = `
  CREATE TABLE IF NOT EXISTS turn_restarts (turn_id INTEGER PRIMARY KEY, count INTEGER NOT NULL);
  CREATE TABLE IF NOT EXISTS tool_calls (
    place INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, reply_id TEXT NOT NULL,
    name TEXT NOT NULL, input TEXT NOT NULL, new_id TEXT NOT NULL, result TEXT);
  CREATE INDEX IF NOT EXISTS tool_calls_reply ON tool_calls (reply_id);
  CREATE TABLE IF NOT EXISTS starts (
    task_id TEXT PRIMARY KEY, spec TEXT NOT NULL, state TEXT NOT NULL, tries INTEGER NOT NULL,
    due_at INTEGER NOT NULL);
  CREATE INDEX IF NOT EXISTS starts_state ON starts (state);
`;
/** More restarts than any reply is given. */
const NEVER_AGAIN = 1_000;

/**
 * Replies are taken up where they were cut, by the calls that each has made. Those of a reply that
 * is in the middle now were not written down as its own: it must not be given again.
 */
function takeUpTurns({ sql }: ObjectStorage): void {
  sql.exec(TURNS_TAKEN_UP);
  sql.exec(
    `INSERT OR IGNORE INTO turn_restarts
      SELECT id, ${NEVER_AGAIN} FROM turns WHERE reply_id IS NOT NULL`,
  );
  sql.exec('DROP TABLE IF EXISTS tool_intents');
}

const SECRETS = `CREATE TABLE IF NOT EXISTS secrets (
  id TEXT PRIMARY KEY, repository TEXT NOT NULL, name TEXT NOT NULL, sealed TEXT NOT NULL)`;

const DEVICES = `
  CREATE TABLE IF NOT EXISTS devices (id TEXT PRIMARY KEY, body TEXT NOT NULL);
  CREATE TABLE IF NOT EXISTS pushes (
    id TEXT PRIMARY KEY, device_id TEXT NOT NULL, item_id TEXT NOT NULL, state TEXT NOT NULL,
    tries INTEGER NOT NULL, due_at INTEGER NOT NULL);
  CREATE INDEX IF NOT EXISTS pushes_device ON pushes (device_id);
`;

const ATTACHMENTS = `
  CREATE TABLE IF NOT EXISTS attachments (
    id TEXT PRIMARY KEY, name TEXT NOT NULL, type TEXT, bytes INTEGER NOT NULL, state TEXT NOT NULL,
    delete_at INTEGER);
  CREATE INDEX IF NOT EXISTS attachments_due ON attachments (delete_at);
`;

const RESERVED = `CREATE TABLE IF NOT EXISTS reserved (
  task_id TEXT PRIMARY KEY, worst REAL NOT NULL, revision INTEGER NOT NULL, told_at INTEGER NOT NULL)`;

/** The steps of a MainThread's storage. See `Migration`: add at the end, never change one. */
export const THREAD_MIGRATIONS: readonly Migration[] = [
  {
    name: 'the first tables',
    breaks: true,
    up: (storage) => {
      storage.sql.exec(FIRST_TABLES);
      // Once they are slots, they must not come back as places.
      if (!hasTable(storage, 'slots')) storage.sql.exec(PLACES);
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
  { name: 'replies are taken up, and tasks begin in one step', breaks: true, up: takeUpTurns },
  {
    name: 'repositories have secrets',
    breaks: false,
    up: ({ sql }) => {
      sql.exec(SECRETS);
    },
  },
  {
    name: 'devices are told',
    breaks: false,
    up: ({ sql }) => {
      sql.exec(DEVICES);
    },
  },
  {
    name: 'messages have attachments',
    breaks: false,
    up: ({ sql }) => {
      sql.exec(ATTACHMENTS);
    },
  },
  {
    name: 'money of the day is set aside for calls under way',
    breaks: false,
    up: ({ sql }) => {
      sql.exec(RESERVED);
    },
  },
];
