import type { Attachment } from '../../../protocol/attachment.ts';
import type { SetAside } from '../../platform/set-aside.ts';
import { StoredAttachmentRow } from './rows.ts';

/**
 * A file that was attached. `open`: its upload has begun; `whole`: it lies in R2; `going`: it is being
 * deleted there. `deleteAt` is when it goes, in milliseconds since 1970; null once something refers to it.
 */
export type AttachmentRow = {
  id: string;
  name: string;
  state: 'open' | 'whole' | 'going';
  deleteAt: number | null;
  /** Null until it is whole. */
  attachment: Attachment | null;
};

/** Which attachments there are, and which of them have to go: plain reads and writes. */
export class AttachmentRows {
  readonly #sql: SqlStorage;
  readonly #setAside: SetAside;

  constructor({ sql }: DurableObjectStorage, setAside: SetAside) {
    this.#sql = sql;
    this.#setAside = setAside;
  }

  open(id: string, name: string, deleteAt: number): void {
    this.#sql.exec(
      `INSERT OR REPLACE INTO attachments (id, name, type, bytes, state, delete_at)
        VALUES (?, ?, NULL, 0, 'open', ?)`,
      id,
      name,
      deleteAt,
    );
  }

  put({ id, name, type, bytes }: Attachment, deleteAt: number | null): void {
    this.#sql.exec(
      `INSERT OR REPLACE INTO attachments (id, name, type, bytes, state, delete_at)
        VALUES (?, ?, ?, ?, 'whole', ?)`,
      id,
      name,
      type,
      bytes,
      deleteAt,
    );
  }

  get(id: string): AttachmentRow | null {
    return this.#read('SELECT * FROM attachments WHERE id = ?', id)[0] ?? null;
  }

  /** Those that nothing refers to. */
  unreferenced(): number {
    const [row] = this.#sql.exec<{ count: number }>(
      'SELECT count(*) AS count FROM attachments WHERE delete_at IS NOT NULL',
    );
    return row?.count ?? 0;
  }

  /** When it goes; null: never. */
  setDeleteAt(id: string, deleteAt: number | null): void {
    this.#sql.exec('UPDATE attachments SET delete_at = ? WHERE id = ?', deleteAt, id);
  }

  /** From now on it is not there for anybody, and has to be deleted. */
  going(id: string, deleteAt: number): void {
    this.#sql.exec(
      `UPDATE attachments SET state = 'going', delete_at = ? WHERE id = ?`,
      deleteAt,
      id,
    );
  }

  remove(id: string): void {
    this.#sql.exec('DELETE FROM attachments WHERE id = ?', id);
  }

  due(now: number): AttachmentRow[] {
    return this.#read('SELECT * FROM attachments WHERE delete_at <= ? ORDER BY delete_at', now);
  }

  firstDue(): number | null {
    const [row] = this.#sql.exec<{ at: number | null }>(
      'SELECT min(delete_at) AS at FROM attachments',
    );
    return row?.at ?? null;
  }

  #read(query: string, binding: string | number): AttachmentRow[] {
    return this.#sql
      .exec<{ id: string }>(query, binding)
      .toArray()
      .flatMap((raw) => {
        const place = { table: 'attachments', key: raw.id };
        const row = this.#setAside.read(StoredAttachmentRow, place, raw);
        if (row === null) return [];
        const { id, name, type, bytes, state, delete_at: deleteAt } = row;
        const attachment = type === null ? null : { id, name, type, bytes };
        return [{ id, name, state, deleteAt, attachment }];
      });
  }
}
