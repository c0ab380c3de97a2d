import type { SetAside } from '../../platform/set-aside.ts';
import { StoredTurnCause, type TurnCause } from './rows.ts';

export type Turn = { id: number; cause: TurnCause; replyId: string | null };

type Row = { id: number; cause: string; reply_id: string | null };

/** Replies that are owed. A turn leaves when its reply has ended, in whichever way. */
export class Turns {
  readonly #sql: SqlStorage;
  readonly #setAside: SetAside;

  constructor({ sql }: DurableObjectStorage, setAside: SetAside) {
    this.#sql = sql;
    this.#setAside = setAside;
  }

  add(cause: TurnCause): void {
    this.#sql.exec('INSERT INTO turns (cause) VALUES (?)', this.#fit(cause));
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
      this.#sql.exec('UPDATE turns SET cause = ? WHERE id = ?', this.#fit(cause), turn.id);
    }
    return { ...turn, cause, replyId };
  }

  /** The person's messages that no reply has begun to answer. */
  waiting(): string[] {
    return this.#waitingMessages().flatMap(({ ids }) => ids);
  }

  #waitingMessages(): { id: number; ids: string[] }[] {
    return this.#sql
      .exec<Row>('SELECT * FROM turns WHERE reply_id IS NULL ORDER BY id')
      .toArray()
      .flatMap((row) => {
        const cause = this.#cause(row);
        return cause?.is === 'message' ? [{ id: row.id, ids: cause.ids }] : [];
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

  /**
   * One whose cause cannot be read leaves the queue, and what it was to say is named among what was
   * set aside. If its reply has begun it still has to be ended, as one that answers nothing.
   */
  #first(condition: 'reply_id IS NULL' | 'reply_id IS NOT NULL'): Turn | null {
    const rows = this.#sql.exec<Row>(`SELECT * FROM turns WHERE ${condition} ORDER BY id`);
    for (const row of rows) {
      const { id, reply_id: replyId } = row;
      const cause = this.#cause(row);
      if (cause !== null) return { id, cause, replyId };
      if (replyId !== null) return { id, cause: { is: 'message', ids: [] }, replyId };
      this.#sql.exec('DELETE FROM turns WHERE id = ?', id);
    }
    return null;
  }

  #cause({ id, cause }: Row): TurnCause | null {
    return this.#setAside.readJson(StoredTurnCause, { table: 'turns', key: id }, cause);
  }

  #fit(cause: TurnCause): string {
    const key = cause.is === 'notice' ? `of task ${cause.task.id}` : 'of a message';
    return this.#setAside.fit({ table: 'turns', key }, cause);
  }
}
