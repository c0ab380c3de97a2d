import { runInDurableObject } from 'cloudflare:test';

/** All that an object stores, as text: its values and each row of its tables. */
export function stored<T extends Rpc.DurableObjectBranded>(
  stub: DurableObjectStub<T>,
): Promise<string> {
  return runInDurableObject(stub, (_, { storage }) => {
    const tables = storage.sql
      .exec<{ name: string }>("SELECT name FROM sqlite_master WHERE type = 'table'")
      .toArray()
      // The platform's own, which nobody may read.
      .filter(({ name }) => !name.startsWith('_cf_'));
    const rows = tables.map(({ name }) => storage.sql.exec(`SELECT * FROM "${name}"`).toArray());
    return JSON.stringify([[...storage.kv.list()], rows]);
  });
}
