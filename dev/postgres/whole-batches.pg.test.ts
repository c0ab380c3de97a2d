import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import postgres from 'postgres';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type LocalPostgres, startPostgres } from './postgres.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'mainloop-batches-'));
const CLIENTS = 4;
const QUERIES = 40;
let server: LocalPostgres;

beforeAll(async () => {
  server = await startPostgres({ dataDir: folder, log: () => {} });
}, 60_000);

afterAll(async () => {
  await server?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const connect = () =>
  postgres(server.url, { max: 1, fetch_types: false, prepare: false, onnotice: () => {} });

it('connections that ask at the same time each get their own answers', async () => {
  const clients = Array.from({ length: CLIENTS }, connect);
  const asked = clients.map(async (client, at) => {
    for (let number = 0; number < QUERIES; number++) {
      const values = Array.from({ length: at + 1 }, (_, place) => `${at} ${number} ${place}`);
      const columns = values.map((_, place) => `$${place + 1}::text as c${place}`);
      const [all] = await client.unsafe(`select ${columns.join(', ')}`, values);
      expect(Object.values(all ?? {})).toEqual(values);
      // Of as many parameters as others have, and of another text.
      const [row] = await client.unsafe(`select $1::text as c${at}`, [`${at} ${number}`]);
      expect(row).toEqual({ [`c${at}`]: `${at} ${number}` });
    }
  });
  await Promise.all(asked);
  await Promise.all(clients.map((client) => client.end()));
});

it('a connection that breaks off in the middle holds up no other', async () => {
  const broken = connect();
  const unfinished = broken`select pg_sleep(0.2), ${'x'}::text`.catch(() => null);
  await new Promise((resolve) => setTimeout(resolve, 20));
  await broken.end({ timeout: 0 });
  await unfinished;
  const client = connect();
  expect(await client`select ${'y'}::text as y`).toMatchObject([{ y: 'y' }]);
  await client.end();
});
