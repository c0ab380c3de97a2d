import { type Server, createServer } from 'node:net';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import * as z from 'zod/mini';

const Ports = z.record(z.string(), z.int());

/** A server of its own on 127.0.0.1:port, or null when somebody listens there. */
function listenOn(port: number): Promise<Server | null> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(null));
    server.listen(port, '127.0.0.1', () => resolve(server));
  });
}

/** True when 127.0.0.1:port can be listened on now. */
export async function isFree(port: number): Promise<boolean> {
  const server = await listenOn(port);
  if (server === null) return false;
  await new Promise((resolve) => server.close(resolve));
  return true;
}

/** Below the range from which systems take the local ends of connections: none of those can be in the way. */
const PORTS_FROM = 20_000;
const SLICES = 60;
const SLICE_PORTS = 200;

const firstPortOf = (slice: number) => PORTS_FROM + slice * SLICE_PORTS;

/** The slice that holds the port; null for one of another range. */
function sliceOf(port: number): number | null {
  const slice = Math.floor((port - PORTS_FROM) / SLICE_PORTS);
  return slice >= 0 && slice < SLICES ? slice : null;
}

/** Slices that this process holds, or is about to. */
const held = new Map<number, Promise<boolean>>();

/**
 * True once this process alone gives out the slice's ports. Whoever listens on the first of them holds
 * it: of two that begin at the same moment the system lets one through, and gives it back when that
 * one ends, however it ends.
 */
function hold(slice: number): Promise<boolean> {
  const known = held.get(slice);
  if (known !== undefined) return known;
  const holding = listenOn(firstPortOf(slice)).then((guard) => {
    if (guard === null) held.delete(slice);
    // It keeps no process alive.
    else guard.unref();
    return guard !== null;
  });
  held.set(slice, holding);
  return holding;
}

async function holdAny(): Promise<number> {
  // Neighbours by process id seldom try the same one.
  for (let tried = 0; tried < SLICES; tried++) {
    const slice = (process.pid + tried) % SLICES;
    if (await hold(slice)) return slice;
  }
  throw new Error('All ranges of ports for stacks on this machine are taken.');
}

let own: Promise<number> | null = null;
let next = Math.floor(Math.random() * SLICE_PORTS);

/**
 * A port of 127.0.0.1 that nobody listens on, and that no other process is given. One that was given
 * once is not given again soon: the part that it is for may not listen yet.
 */
export async function freePort(): Promise<number> {
  const slice = await (own ??= holdAny());
  for (let tried = 1; tried < SLICE_PORTS; tried++) {
    const port = firstPortOf(slice) + 1 + (next++ % (SLICE_PORTS - 1));
    if (await isFree(port)) return port;
  }
  throw new Error('No free port was found on 127.0.0.1.');
}

/** True for a port from before that nobody has taken, and that no other process can be given now. */
async function isStillOurs(port: number): Promise<boolean> {
  const slice = sliceOf(port);
  return (slice === null || (await hold(slice))) && (await isFree(port));
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
      before !== undefined && (await isStillOurs(before)) ? before : await freePort(),
    ]);
  }
  writeFileSync(file, JSON.stringify(Object.fromEntries(entries)));
  return z.record(z.string(), z.int()).parse(Object.fromEntries(entries)) as Record<Name, number>;
}
