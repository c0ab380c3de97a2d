import { createServer } from 'node:net';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import * as z from 'zod/mini';

const Ports = z.record(z.string(), z.int());

/** True when 127.0.0.1:port can be listened on now. */
export function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

/** Below the range from which systems take the local ends of connections: none of those can be in the way. */
const PORTS_FROM = 20_000;
/** Each process takes its ports from a slice of its own: neighbours by process id never meet. */
const SLICES = 60;
const SLICE_PORTS = 200;

let next = Math.floor(Math.random() * SLICE_PORTS);

/**
 * A port of 127.0.0.1 that nobody listens on. One that was given once is not given again soon: the
 * part that it is for may not listen yet.
 */
export async function freePort(): Promise<number> {
  const from = PORTS_FROM + (process.pid % SLICES) * SLICE_PORTS;
  for (let tried = 0; tried < SLICE_PORTS; tried++) {
    const port = from + (next++ % SLICE_PORTS);
    if (await isFree(port)) return port;
  }
  throw new Error('No free port was found on 127.0.0.1.');
}

/**
 * Ports of the parts by name, kept in the data folder: links to the git host that stand in old
 * messages still work after a restart. A port that is taken meanwhile is replaced.
 */
export async function reservePorts<Name extends string>(
  dataDir: string,
  names: readonly Name[],
): Promise<Record<Name, number>> {
  const file = path.join(dataDir, 'ports.json');
  let kept: Record<string, number> = {};
  try {
    kept = Ports.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    // The first start, or a file that a crash cut short: new ports are as good.
  }
  const entries: [Name, number][] = [];
  for (const name of names) {
    const before = kept[name];
    entries.push([
      name,
      before !== undefined && (await isFree(before)) ? before : await freePort(),
    ]);
  }
  writeFileSync(file, JSON.stringify(Object.fromEntries(entries)));
  return z.record(z.string(), z.int()).parse(Object.fromEntries(entries)) as Record<Name, number>;
}
