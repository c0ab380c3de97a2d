import { timingSafeEqual } from 'node:crypto';
import { lookup } from 'node:dns/promises';
import { type IncomingMessage, createServer } from 'node:http';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import ipaddr from 'ipaddr.js';
import * as z from 'zod/mini';
import { TaskId } from '../../protocol/ids.ts';
import type { Leads, LookedUp } from '../../protocol/local-egress.ts';
import type { PartLog } from '../log.ts';
import { findJail } from './jail.ts';
import { type Given as GivenToRun, Runs } from './runs.ts';

export type SandboxHost = {
  url: string;
  /** What is not protected here, and what mends it; null where sandboxes are jails. */
  unprotected: string | null;
  stop(): Promise<void>;
};

/** Names that a sandbox may be given; anything else would be a way around its clean environment. */
const Given: z.ZodMiniType<GivenToRun> = z.strictObject({
  MAINLOOP_GATEWAY: z.url(),
  MAINLOOP_TASK_TOKEN: z.string(),
});
const NamePath = /^\/names\/(?<name>[^/?#]{1,400})$/;
const RunPath = /^\/runs\/(?<taskId>[0-9A-Z]{26})\/(?<generation>[1-9]\d{0,8})$/;

function isKey(request: IncomingMessage, key: string): boolean {
  const given = Buffer.from(request.headers.authorization ?? '');
  const wanted = Buffer.from(`Bearer ${key}`);
  return given.byteLength === wanted.byteLength && timingSafeEqual(given, wanted);
}

type Reply = { status: number; body: unknown };

/** Where a name leads: inside when one of its addresses is not public. */
async function leadsOf(name: string): Promise<Leads> {
  const found = await lookup(name.replace(/^\[|\]$/g, ''), { all: true }).catch(() => []);
  if (found.length === 0) return 'nowhere';
  const isPublic = ({ address }: { address: string }) =>
    ipaddr.process(address).range() === 'unicast';
  return found.every(isPublic) ? 'outside' : 'inside';
}

async function handle(request: IncomingMessage, runs: Runs, key: string): Promise<Reply> {
  if (!isKey(request, key)) return { status: 401, body: { error: 'That is not the key.' } };
  const name = NamePath.exec(request.url ?? '')?.groups?.name;
  if (name !== undefined && request.method === 'GET') {
    const leads = await leadsOf(decodeURIComponent(name));
    return { status: 200, body: { leads } satisfies z.infer<typeof LookedUp> };
  }
  const match = RunPath.exec(request.url ?? '');
  const taskId = TaskId.safeParse(match?.groups?.taskId);
  const generation = Number(match?.groups?.generation);
  if (!taskId.success) return { status: 404, body: { error: 'There is no such run.' } };
  switch (request.method) {
    case 'PUT': {
      const given = Given.safeParse(JSON.parse(await text(request)));
      if (!given.success) return { status: 400, body: { error: 'That is no environment.' } };
      await runs.start(taskId.data, generation, given.data);
      return { status: 200, body: {} };
    }
    case 'GET':
      return { status: 200, body: { alive: runs.isAlive(taskId.data, generation) } };
    case 'DELETE':
      await runs.stop(taskId.data, generation);
      return { status: 200, body: {} };
    default:
      return { status: 405, body: { error: 'PUT, GET or DELETE.' } };
  }
}

/** The host of the local sandboxes, on loopback, for whoever has the key. */
export async function startSandboxHost(options: {
  dataDir: string;
  port?: number;
  key: string;
  log: PartLog;
  /** False forces plain processes, as on a machine without bubblewrap. */
  jail?: boolean;
}): Promise<SandboxHost> {
  const none = { is: 'missing', why: 'They were asked to be plain processes.' } as const;
  const runs = new Runs(path.join(options.dataDir, 'runs'), {
    log: options.log,
    jail: options.jail === false ? none : findJail(),
    key: options.key,
  });
  const server = createServer((request, response) => {
    handle(request, runs, options.key)
      .catch((error: unknown): Reply => {
        options.log(String(error));
        return { status: 500, body: { error: String(error) } };
      })
      .then(({ status, body }) => {
        response.writeHead(status, { 'content-type': 'application/json' });
        response.end(JSON.stringify(body));
      });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    unprotected: runs.unprotected,
    stop: async () => {
      server.closeAllConnections();
      await Promise.all([
        runs.stopAll(),
        new Promise<void>((resolve) => server.close(() => resolve())),
      ]);
    },
  };
}
