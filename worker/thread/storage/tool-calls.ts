import type { SetAside } from '../../platform/set-aside.ts';
import { StoredToolCall, StoredToolInput, StoredToolResult, type ToolResult } from './rows.ts';

/**
 * A tool call that the model asked for: written before it is carried out, carried out once. `newId`
 * is what it would call something new, so that carrying it out again makes the same thing.
 */
export type KeptCall = {
  id: string;
  name: string;
  /** As the model gave it. */
  input: unknown;
  newId: string;
  /** What it came to; null while it has not been carried out. */
  result: ToolResult | null;
};

/** Stands for a result that cannot be read: the call must not be carried out once more. */
const RESULT_LOST: ToolResult = {
  text: JSON.stringify({
    error: 'It was carried out before. What it came to can no longer be read.',
  }),
  isError: true,
};

type Raw = { id: string };

/** The tool calls of each reply: plain reads and writes. */
export class ToolCalls {
  readonly #sql: SqlStorage;
  readonly #setAside: SetAside;

  constructor({ sql }: DurableObjectStorage, setAside: SetAside) {
    this.#sql = sql;
    this.#setAside = setAside;
  }

  /** The call with this id, written down now if it was not before. */
  intend(replyId: string, call: Omit<KeptCall, 'result'>): KeptCall {
    this.#sql.exec(
      'INSERT OR IGNORE INTO tool_calls (id, reply_id, name, input, new_id) VALUES (?, ?, ?, ?, ?)',
      call.id,
      replyId,
      call.name,
      this.#fit(call.id, call.input),
      call.newId,
    );
    const [kept] = this.#sql.exec<Raw>('SELECT * FROM tool_calls WHERE id = ?', call.id);
    if (kept === undefined) return { ...call, result: null };
    return this.#read(kept) ?? { ...call, result: RESULT_LOST };
  }

  keepResult(id: string, result: ToolResult): void {
    this.#sql.exec('UPDATE tool_calls SET result = ? WHERE id = ?', this.#fit(id, result), id);
  }

  /** All calls of a reply, in order, without those that cannot be read. */
  of(replyId: string): KeptCall[] {
    return this.#sql
      .exec<Raw>('SELECT * FROM tool_calls WHERE reply_id = ? ORDER BY place', replyId)
      .toArray()
      .flatMap((row) => this.#read(row) ?? []);
  }

  /** True when a reply has asked for a call, whether or not it can be read which. */
  hasAny(replyId: string): boolean {
    const rows = this.#sql.exec('SELECT 1 FROM tool_calls WHERE reply_id = ? LIMIT 1', replyId);
    return rows.toArray().length > 0;
  }

  /** What one reply has done counts as done by the one that is given in its stead. */
  handOver(from: string, to: string): void {
    this.#sql.exec('UPDATE tool_calls SET reply_id = ? WHERE reply_id = ?', to, from);
  }

  #read(row: Raw): KeptCall | null {
    const place = { table: 'tool_calls', key: row.id };
    const read = this.#setAside.read(StoredToolCall, place, row);
    const input = read && this.#setAside.readJson(StoredToolInput, place, read.input);
    if (read === null || input === null) return null;
    const { id, name, new_id: newId, result: stored } = read;
    const result =
      stored === null
        ? null
        : (this.#setAside.readJson(StoredToolResult, place, stored) ?? RESULT_LOST);
    return { id, name, input, newId, result };
  }

  #fit(id: string, value: unknown): string {
    return this.#setAside.fit({ table: 'tool_calls', key: id }, value ?? null);
  }
}
