import { findAccess, removeAccessApp } from './cloudflare/access.ts';
import type { Client } from './cloudflare/client.ts';
import { hyperdrives, removeHyperdrive } from './cloudflare/hyperdrive.ts';
import { hasBucket, queueOf, removeBucket, removeQueue } from './cloudflare/stores.ts';
import {
  liveWorker,
  removeContainers,
  removeWorker,
  removeWorkflow,
  workflowOwner,
} from './cloudflare/worker.ts';
import type { Installation } from './installation.ts';
import { WEBHOOK_PATH, accessMade, namesOf, workerMade } from './names.ts';
import type { Options } from './options.ts';
import type { Ports } from './ports.ts';
import { chooseAccount, cloudflareToken } from './sign-in.ts';
import { Stop } from './stop.ts';

/** A part that is there and that setup made; `remove` answers what stays of it, null when nothing does. */
type Part = {
  text: string;
  /** As `made` of the installation names it; null where it goes with another part. */
  made: string | null;
  remove: () => Promise<string | null>;
};

/** Those of this host name, and of one that it had before. */
async function accessParts(
  client: Client,
  { accountId, host, made }: Installation,
): Promise<Part[]> {
  const access = await findAccess(client, accountId, host, WEBHOOK_PATH);
  if (access.is === 'unreadable') return [];
  const ours = access.all.filter(({ domain }) => made.includes(accessMade(domain)));
  // A path before the host around it.
  return ours
    .toSorted((left, right) => right.domain.length - left.domain.length)
    .map(({ id, domain }) => ({
      text: `the Access application of ${domain}`,
      made: accessMade(domain),
      remove: () => removeAccessApp(client, accountId, id).then(() => null),
    }));
}

/** What setup made and what is there, the last made first. */
async function partsOf(client: Client, installation: Installation): Promise<Part[]> {
  const { accountId, made, name } = installation;
  const names = namesOf(name);
  const parts: Part[] = [];
  const isOurs = (kind: string, called: string) => made.includes(`${kind}:${called}`);
  if (isOurs('worker', names.worker)) {
    if ((await workflowOwner(client, accountId, names.workflow)) === names.worker) {
      parts.push({
        text: `the Workflow ${names.workflow}`,
        made: null,
        remove: () => removeWorkflow(client, accountId, names.workflow).then(() => null),
      });
    }
    const worker = await liveWorker(client, accountId, names.worker);
    const containers = worker?.containers;
    if (containers?.isThere === true) {
      parts.push({
        text: 'the containers of its sandboxes, ending those that run',
        made: null,
        remove: () => removeContainers(client, accountId, containers.id).then(() => null),
      });
    }
    if (worker !== null) {
      parts.push({
        text: `the Worker ${names.worker}, with every conversation and task that its objects hold`,
        made: workerMade(name),
        remove: () => removeWorker(client, accountId, names.worker).then(() => null),
      });
    }
  }
  parts.push(...(await accessParts(client, installation)));
  if (isOurs('bucket', names.bucket) && (await hasBucket(client, accountId, names.bucket))) {
    parts.push({
      text: `the R2 bucket ${names.bucket}`,
      made: `bucket:${names.bucket}`,
      remove: async () =>
        (await removeBucket(client, accountId, names.bucket))
          ? null
          : `The R2 bucket ${names.bucket} holds checkpoints of unfinished work and stays. Empty it in the dashboard (R2 > ${names.bucket} > Settings > Empty bucket) and run this again.`,
    });
  }
  for (const called of [names.queue, names.deadLetters]) {
    const queue = isOurs('queue', called) ? await queueOf(client, accountId, called) : null;
    if (queue === null) continue;
    parts.push({
      text: `the queue ${called}`,
      made: `queue:${called}`,
      remove: () => removeQueue(client, accountId, queue).then(() => null),
    });
  }
  const drives = isOurs('hyperdrive', names.hyperdrive) ? await hyperdrives(client, accountId) : [];
  const drive = drives.find((one) => one.name === names.hyperdrive);
  if (drive !== undefined) {
    parts.push({
      text: `the Hyperdrive configuration ${drive.name}`,
      made: `hyperdrive:${drive.name}`,
      remove: () => removeHyperdrive(client, accountId, drive.id).then(() => null),
    });
  }
  return parts;
}

const KEPT =
  'Postgres and all that it holds stay as they are, and so do the files of this folder. Images of sandboxes stay in the registry: `npx wrangler containers images list` shows them.';

/** Takes away what setup made, in reverse, once somebody said the installation's name. Never Postgres. */
export async function uninstall({ switches }: Options, ports: Ports): Promise<void> {
  const installation = ports.folder.read();
  if (installation === null) {
    throw new Stop(`There is no installation in ${ports.folder.path}: nothing was removed.`);
  }
  if (switches['dry-run']) return takeAway(switches, ports, installation);
  const giveBack = ports.folder.lock();
  try {
    await takeAway(switches, ports, installation);
  } finally {
    giveBack();
  }
}

async function takeAway(
  switches: Options['switches'],
  ports: Ports,
  installation: Installation,
): Promise<void> {
  const { terminal, environment } = ports;
  const token = await cloudflareToken(environment, ports.wrangler(null), terminal);
  const client = ports.client(token);
  await chooseAccount(client, installation.accountId);
  const parts = await partsOf(client, installation);
  if (parts.length === 0) {
    terminal.say(`Nothing that setup made is there any more. ${KEPT}`);
    return;
  }
  terminal.say(`This removes from Cloudflare, for good:`);
  for (const { text } of parts) terminal.say(`  - ${text}`);
  terminal.say(KEPT);
  if (switches['dry-run']) return;
  if (!switches.yes) {
    const { confirm } = terminal;
    if (confirm === null)
      throw new Stop('Nothing was removed. Say --yes where nobody can be asked.');
    const sure = await confirm(`Remove ${installation.host} and all of the above?`);
    if (!sure) throw new Stop('Nothing was removed.');
  }
  const stays: string[] = [];
  for (const { text, made, remove } of parts) {
    const left = await remove();
    if (left !== null) {
      stays.push(left);
      continue;
    }
    terminal.say(`Removed ${text}.`);
    // What another folder makes under that name from now on is not this one's.
    installation.made = installation.made.filter((one) => one !== made);
    ports.folder.write(installation);
  }
  if (stays.length > 0) throw new Stop(stays.join('\n'));
  terminal.say('Done.');
}
