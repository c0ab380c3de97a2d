import type { SetAside } from '../../platform/set-aside.ts';
import { StoredSecret } from './rows.ts';

const idOf = (repository: string, name: string) => `${repository}:${name}`;

/** The sealed values of repositories' secrets: plain reads and writes. Nothing of them goes to Postgres. */
export class SecretRows {
  readonly #sql: SqlStorage;
  readonly #setAside: SetAside;

  constructor({ sql }: DurableObjectStorage, setAside: SetAside) {
    this.#sql = sql;
    this.#setAside = setAside;
  }

  put(repository: string, name: string, sealed: string): void {
    this.#sql.exec(
      'INSERT OR REPLACE INTO secrets (id, repository, name, sealed) VALUES (?, ?, ?, ?)',
      idOf(repository, name),
      repository,
      name,
      sealed,
    );
  }

  /** Null where there is none that can be read. */
  get(repository: string, name: string): string | null {
    const key = idOf(repository, name);
    const [row] = this.#sql.exec('SELECT * FROM secrets WHERE id = ?', key);
    if (row === undefined) return null;
    return this.#setAside.read(StoredSecret, { table: 'secrets', key }, row)?.sealed ?? null;
  }

  /** All of them that can be read. */
  all(): { repository: string; name: string; sealed: string }[] {
    return this.#sql
      .exec<{ id: string }>('SELECT * FROM secrets')
      .toArray()
      .flatMap((row) => {
        const place = { table: 'secrets', key: row.id };
        return this.#setAside.read(StoredSecret, place, row) ?? [];
      });
  }

  remove(repository: string, name: string): void {
    this.#sql.exec('DELETE FROM secrets WHERE id = ?', idOf(repository, name));
  }
}
