import type { TaskSummary } from '../../../protocol/task.ts';
import type { TaskNotice } from '../../tasks/api.ts';

/** What a reply answers: what the person said, or what a task reports. */
export type TurnCause =
  /** `ids` are the person's messages that it answers. */
  | { is: 'message'; ids: string[] }
  /** The person asks again for a reply that was cut off or failed. */
  | { is: 'again'; replyId: string }
  | { is: 'notice'; task: TaskSummary; notice: TaskNotice };

export type Turn = { id: number; cause: TurnCause; replyId: string | null };

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS turns (id INTEGER PRIMARY KEY AUTOINCREMENT, cause TEXT NOT NULL, reply_id TEXT);
  CREATE TABLE IF NOT EXISTS turn_restarts (turn_id INTEGER PRIMARY KEY, count INTEGER NOT NULL);
`;

/** Replies that are owed. A turn leaves when its reply has ended, in whichever way. */
export class Turns {
  readonly #sql: SqlStorage;

  constructor(storage: DurableObjectStorage) {
    this.#sql = storage.sql;
  }

  init(): void {
    this.#sql.exec(SCHEMA);
  }

  add(cause: TurnCause): void {
    this.#sql.exec('INSERT INTO turns (cause) VALUES (?)', JSON.stringify(cause));
  }

  /** The turn that has begun and not ended. */
  running(): Turn | null {
    return this.#first('reply_id IS NOT NULL');
  }

  next(): Turn | null {
    return this.#first('reply_id IS NULL');
  }

  /** Marks the turn as begun; other waiting messages are answered by the same reply. @returns the turn as it is then. */
  begin(turn: Turn, replyId: string): Turn {
    let { cause } = turn;
    this.#sql.exec('UPDATE turns SET reply_id = ? WHERE id = ?', replyId, turn.id);
    if (cause.is === 'message') {
      cause = { is: 'message', ids: [...cause.ids, ...this.waiting()] };
      for (const { id } of this.#waitingMessages()) {
        this.#sql.exec('DELETE FROM turns WHERE id = ?', id);
      }
      const body = JSON.stringify(cause);
      this.#sql.exec('UPDATE turns SET cause = ? WHERE id = ?', body, turn.id);
    }
    return { ...turn, cause, replyId };
  }

  /** The person's messages that no reply has begun to answer. */
  waiting(): string[] {
    return this.#waitingMessages().flatMap(({ ids }) => ids);
  }

  #waitingMessages(): { id: number; ids: string[] }[] {
    return this.#sql
      .exec<{ id: number; cause: string }>(
        'SELECT id, cause FROM turns WHERE reply_id IS NULL ORDER BY id',
      )
      .toArray()
      .flatMap(({ id, cause }) => {
        const parsed: TurnCause = JSON.parse(cause);
        return parsed.is === 'message' ? [{ id, ids: parsed.ids }] : [];
      });
  }

  end(turn: Turn): void {
    this.#sql.exec('DELETE FROM turns WHERE id = ?', turn.id);
    this.#sql.exec('DELETE FROM turn_restarts WHERE turn_id = ?', turn.id);
  }

  /** Counts that a turn that had begun begins once more. @returns how often that was so far. */
  restart(turn: Turn): number {
    const [row] = this.#sql.exec<{ count: number }>(
      `INSERT INTO turn_restarts VALUES (?, 1)
        ON CONFLICT (turn_id) DO UPDATE SET count = count + 1 RETURNING count`,
      turn.id,
    );
    return row?.count ?? 1;
  }

  #first(condition: 'reply_id IS NULL' | 'reply_id IS NOT NULL'): Turn | null {
    const [row] = this.#sql.exec<{ id: number; cause: string; reply_id: string | null }>(
      `SELECT id, cause, reply_id FROM turns WHERE ${condition} ORDER BY id LIMIT 1`,
    );
    return row === undefined
      ? null
      : { id: row.id, cause: JSON.parse(row.cause), replyId: row.reply_id };
  }
}
