import type * as z from 'zod/mini';
import type { ObjectStorage } from './migrations.ts';
import type { SetAside } from './set-aside.ts';

/** Each key of an object's key-value storage with the schema of its value. */
export type ValueSchemas<T> = { readonly [K in keyof T]: z.ZodMiniType<T[K]> };

/** What an object keeps under a key each. A value that cannot be read counts as not there, and is named. */
export class KeptValues<T extends object> {
  readonly #kv: ObjectStorage['kv'];
  readonly #setAside: SetAside;
  readonly #schemas: ValueSchemas<T>;

  constructor({ kv }: Pick<ObjectStorage, 'kv'>, setAside: SetAside, schemas: ValueSchemas<T>) {
    this.#kv = kv;
    this.#setAside = setAside;
    this.#schemas = schemas;
  }

  get<K extends keyof T & string>(key: K): T[K] | null {
    return this.getBy(key, this.#schemas[key]);
  }

  /** A key whose name is not known beforehand. */
  getBy<V>(key: string, schema: z.ZodMiniType<V>): V | null {
    const value = this.raw(key);
    return value === undefined ? null : this.#setAside.read(schema, { table: 'kv', key }, value);
  }

  /** As it is stored; undefined where nothing is. */
  raw(key: string): unknown {
    return this.#kv.get<unknown>(key);
  }

  /** One that is too large is kept with its long texts cut. */
  put<K extends keyof T & string>(key: K, value: T[K]): void {
    this.#kv.put(key, this.#setAside.fitValue(this.#schemas[key], { table: 'kv', key }, value));
  }

  /** Reads them all, so that those that cannot be read are named. */
  inspect(): void {
    for (const key in this.#schemas) this.get(key);
  }
}
