// PGlite behind its socket server, in a process of its own: its WASM must not hold up other parts.
// `node dev/postgres/server.ts <data folder> <port>`; ends when its standard input does.
import { PGlite } from '@electric-sql/pglite';
import { btree_gin } from '@electric-sql/pglite/contrib/btree_gin';
import { pg_trgm } from '@electric-sql/pglite/contrib/pg_trgm';
import { PGLiteSocketServer } from '@electric-sql/pglite-socket';
import { ensureDatabase } from './new-database.ts';
import { keepBatchesWhole } from './whole-batches.ts';

const CONNECTIONS_MAX = 64;
const [dataDir = '', port = '0'] = process.argv.slice(2);

await ensureDatabase(dataDir);
const db = await PGlite.create({ dataDir, extensions: { btree_gin, pg_trgm } });
keepBatchesWhole(db);
const server = new PGLiteSocketServer({
  db,
  host: '127.0.0.1',
  port: Number(port),
  maxConnections: CONNECTIONS_MAX,
});
await server.start();
console.log('ready');

let ending = false;
async function end(): Promise<void> {
  if (ending) return;
  ending = true;
  await server.stop();
  await db.close();
  process.exit(0);
}
process.stdin.resume().once('end', () => void end());
process.once('SIGTERM', () => void end());
// Ctrl+C reaches the whole terminal group; the stack decides the order in which parts end.
process.on('SIGINT', () => {});
