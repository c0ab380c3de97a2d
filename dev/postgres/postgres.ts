import { spawn } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import postgres from 'postgres';
import type { PartLog } from '../log.ts';
import { freePort } from '../ports.ts';

const SERVER = path.join(path.dirname(fileURLToPath(import.meta.url)), 'server.ts');
const STOP_WITHIN_MS = 3_000;

export type LocalPostgres = { url: string; stop(): Promise<void> };

/** A local Postgres (PGlite) with its data in `dataDir`; it has answered a query when this resolves. */
export async function startPostgres(options: {
  dataDir: string;
  port?: number;
  log: PartLog;
}): Promise<LocalPostgres> {
  const port = options.port ?? (await freePort());
  mkdirSync(options.dataDir, { recursive: true });
  const folder = path.join(options.dataDir, 'data');
  // A killed server leaves its lock behind, and the stack's own lock says that nobody else is here.
  rmSync(path.join(folder, 'postmaster.pid'), { force: true });
  // Without its optimiser V8 is ready with Postgres's WASM at once: that takes seconds of a core, and
  // what is asked here is little.
  const child = spawn(process.execPath, ['--liftoff-only', SERVER, folder, String(port)], {
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const ready = new Promise<void>((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (line === 'ready') resolve();
      else options.log(line);
    });
    const said: string[] = [];
    createInterface({ input: child.stderr }).on('line', (line) => {
      said.push(line);
      options.log(line);
    });
    child.once('exit', (code) =>
      reject(new Error(`The local Postgres ended at its start (${code}): ${said.join('\n')}`)),
    );
  });
  child.stdin.on('error', () => {});
  await ready;
  const url = `postgres://postgres:postgres@127.0.0.1:${port}/postgres`;
  const client = postgres(url, { max: 1, connect_timeout: 10 });
  await client`select 1`;
  await client.end({ timeout: 5 });
  return {
    url,
    stop: async () => {
      child.stdin.end();
      const timer = setTimeout(() => child.kill('SIGKILL'), STOP_WITHIN_MS);
      await ended;
      clearTimeout(timer);
    },
  };
}
