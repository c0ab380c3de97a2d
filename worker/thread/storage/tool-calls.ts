/**
 * A tool call that the model asked for: written before it is carried out, carried out once. `newId`
 * is what it would call something new, so that carrying it out again makes the same thing.
 */
export type KeptCall = {
  id: string;
  name: string;
  /** The model's input, as JSON. */
  input: string;
  newId: string;
  /** What it came to, as JSON; null while it has not been carried out. */
  result: string | null;
};

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS tool_calls (
    place INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, reply_id TEXT NOT NULL,
    name TEXT NOT NULL, input TEXT NOT NULL, new_id TEXT NOT NULL, result TEXT);
  CREATE INDEX IF NOT EXISTS tool_calls_reply ON tool_calls (reply_id);
`;

type Raw = { id: string; name: string; input: string; new_id: string; result: string | null };

const callOf = ({ id, name, input, new_id: newId, result }: Raw): KeptCall => ({
  id,
  name,
  input,
  newId,
  result,
});

/** The tool calls of each reply: plain reads and writes. */
export class ToolCalls {
  readonly #sql: SqlStorage;

  constructor(storage: DurableObjectStorage) {
    this.#sql = storage.sql;
  }

  init(): void {
    this.#sql.exec(SCHEMA);
  }

  /** The call with this id, written down now if it was not before. */
  intend(replyId: string, call: Omit<KeptCall, 'result'>): KeptCall {
    this.#sql.exec(
      'INSERT OR IGNORE INTO tool_calls (id, reply_id, name, input, new_id) VALUES (?, ?, ?, ?, ?)',
      call.id,
      replyId,
      call.name,
      call.input,
      call.newId,
    );
    const [kept] = this.#sql.exec<Raw>('SELECT * FROM tool_calls WHERE id = ?', call.id);
    return kept === undefined ? { ...call, result: null } : callOf(kept);
  }

  keepResult(id: string, result: string): void {
    this.#sql.exec('UPDATE tool_calls SET result = ? WHERE id = ?', result, id);
  }

  /** All calls of a reply, in order. */
  of(replyId: string): KeptCall[] {
    return this.#sql
      .exec<Raw>('SELECT * FROM tool_calls WHERE reply_id = ? ORDER BY place', replyId)
      .toArray()
      .map(callOf);
  }

  /** What one reply has done counts as done by the one that is given in its stead. */
  handOver(from: string, to: string): void {
    this.#sql.exec('UPDATE tool_calls SET reply_id = ? WHERE reply_id = ?', to, from);
  }
}
