import { type AccessFound, findAccess } from './cloudflare/access.ts';
import { type Zone, accountSubdomain, zoneOf } from './cloudflare/account.ts';
import type { Client } from './cloudflare/client.ts';
import { type Hyperdrive, hyperdrives } from './cloudflare/hyperdrive.ts';
import { type Queue, hasBucket, queueOf } from './cloudflare/stores.ts';
import { type LiveWorker, liveWorker, workerAt, workflowOwner } from './cloudflare/worker.ts';
import { type Names, WEBHOOK_PATH } from './names.ts';

/** What of an installation is there at Cloudflare. */
export type Found = {
  hyperdrive: Hyperdrive | null;
  queue: Queue | null;
  deadLetters: Queue | null;
  hasBucket: boolean;
  access: AccessFound;
  worker: LiveWorker | null;
  /** The Worker that the host leads to, and whose the Workflow is; null where there is none. */
  hostLeadsTo: string | null;
  workflowOf: string | null;
  zone: Zone | null;
  subdomain: string | null;
};

/** Looks, and changes nothing. */
export async function look(
  client: Client,
  accountId: string,
  names: Names,
  host: string,
): Promise<Found> {
  const [
    drives,
    queue,
    deadLetters,
    bucket,
    access,
    worker,
    hostLeadsTo,
    workflowOf,
    zone,
    subdomain,
  ] = await Promise.all([
    hyperdrives(client, accountId),
    queueOf(client, accountId, names.queue),
    queueOf(client, accountId, names.deadLetters),
    hasBucket(client, accountId, names.bucket),
    findAccess(client, accountId, host, WEBHOOK_PATH),
    liveWorker(client, accountId, names.worker),
    workerAt(client, accountId, host),
    workflowOwner(client, accountId, names.workflow),
    zoneOf(client, host),
    accountSubdomain(client, accountId),
  ]);
  return {
    hyperdrive: drives.find(({ name }) => name === names.hyperdrive) ?? null,
    queue,
    deadLetters,
    hasBucket: bucket,
    access,
    worker,
    hostLeadsTo,
    workflowOf,
    zone,
    subdomain,
  };
}
