import type { PGlite } from '@electric-sql/pglite';

/** Types of the messages after which a batch is open, until its Sync: Parse, Bind, Describe, Execute, Close, Flush. */
const IN_BATCH = new Set(Array.from('PBDECH', (type) => type.charCodeAt(0)));

/**
 * Keeps one connection's Parse, Bind and Execute together. All connections of the socket server share
 * one session, and outside of transactions it takes their messages as they come: another's Parse
 * between the two replaces the statement that is then bound, which fails or, where the parameters fit,
 * answers with another's rows (https://github.com/electric-sql/pglite/issues/1046). It stays with a
 * connection while a transaction is open; here a batch that is open counts as one.
 */
export function keepBatchesWhole(db: PGlite): void {
  const send = db.execProtocolRawStream.bind(db);
  const exec = db.exec.bind(db);
  const isInTransaction = db.isInTransaction.bind(db);
  let isInBatch = false;
  db.execProtocolRawStream = async (message, options) => {
    const [type = 0] = message;
    try {
      await send(message, options);
    } finally {
      isInBatch = IN_BATCH.has(type);
    }
  };
  // The server's ROLLBACK, when a connection ends in the middle.
  db.exec = async (query, options) => {
    isInBatch = false;
    return exec(query, options);
  };
  db.isInTransaction = () => isInBatch || isInTransaction();
}
