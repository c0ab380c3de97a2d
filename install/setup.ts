import { writeFileSync } from 'node:fs';
import { accessIn, accessOf } from './access-of.ts';
import { carryOut, madeBy } from './carry-out.ts';
import { removeAccessApp } from './cloudflare/access.ts';
import { liveWorker } from './cloudflare/worker.ts';
import { configurationFor } from './configuration.ts';
import { deployWorker, workersSecrets } from './deploy-worker.ts';
import { fingerprint } from './fingerprint.ts';
import { type Found, look } from './found.ts';
import { mayReplaceKeys, withoutKeys } from './keys.ts';
import { hasAddress, takesWebhooks, turnsStrangersAway, untilGood } from './live.ts';
import { ends } from './messages.ts';
import { accessMade, workerMade } from './names.ts';
import type { Options } from './options.ts';
import {
  type LeftBehind,
  formerDomains,
  leftBehind,
  missingSecrets,
  peopleLeftAlone,
  planned,
  reasonsToDeploy,
  say,
} from './plan.ts';
import type { Ports } from './ports.ts';
import type { Secrets } from './installation.ts';
import { type Prepared, prepare } from './prepare.ts';
import { sayWithoutSignIn } from './signed-out.ts';
import { NotSignedIn, Stop } from './stop.ts';
import { versionTag } from './version-tag.ts';

/** Writes down what uninstall may take away, before it is made. */
type Remember = (made: string | null) => void;

async function migrate({ database, terminal }: Ports, url: string, dryRun: boolean) {
  const base = database(url);
  const pending = await base.pending();
  if (pending.length === 0) return false;
  terminal.say(`${dryRun ? 'Would do' : 'Do'}: Migrate Postgres (${pending.join(', ')}).`);
  if (!dryRun) await base.migrate();
  return true;
}

/** Makes what is missing beside the Worker. @returns how many things; `found` is what is there then. */
async function makeParts(
  ports: Ports,
  { client, accountId, names, settled, found, installation }: Prepared,
  remember: Remember,
  dryRun: boolean,
): Promise<{ count: number; found: Found }> {
  const { databaseUrl, host } = settled;
  const { hyperdriveSent } = installation;
  const steps = planned(found, { names, hyperdriveSent, ...settled });
  for (const step of steps) {
    ports.terminal.say(`${dryRun ? 'Would do' : 'Do'}: ${say(step)}.`);
    if (dryRun) continue;
    remember(madeBy(step));
    await carryOut(step, found, { client, accountId, names, databaseUrl });
    if (step.do === 'make_hyperdrive' || step.do === 'mend_hyperdrive') {
      installation.hyperdriveSent = fingerprint(databaseUrl);
      remember(null);
    }
  }
  const count = steps.length;
  if (count === 0 || dryRun) return { count, found };
  return { count, found: await look(client, accountId, names, host) };
}

/** Deploys where what runs is not what should. @returns true where it did, or in a dry run would. */
async function bringWorker(
  ports: Ports,
  { switches }: Options,
  prepared: Prepared,
  found: Found,
  remember: Remember,
): Promise<boolean> {
  const { accountId, names, base, settled, secrets, installation } = prepared;
  const { folder, terminal, root } = ports;
  const dryRun = switches['dry-run'];
  const access = await accessOf(ports, found, settled);
  if (found.access.is === 'unreadable' || installation.access !== null) {
    installation.access = access;
  }
  remember(null);
  const configuration = configurationFor(base, root, { ...installation, access });
  const sources = ports.hashOfSources();
  const tagOf = (given: Secrets) =>
    versionTag(sources, root, configuration, workersSecrets(settled.hyperdrive, given));
  const areOurs =
    switches['replace-keys'] || mayReplaceKeys(found.worker, installation, tagOf(secrets));
  const sendsKeys = areOurs && secrets.ENCRYPTION_KEYS !== undefined;
  if (!areOurs && secrets.ENCRYPTION_KEYS !== undefined) terminal.say(ends.keysStay);
  const given = areOurs ? secrets : withoutKeys(secrets);
  const sent = workersSecrets(settled.hyperdrive, given);
  const missing = missingSecrets(found.worker, Object.keys(sent), settled.hyperdrive);
  if (missing.length > 0) {
    throw new Stop(`The Worker needs ${missing.join(', ')}: say them by flag or variable.`);
  }
  const tag = tagOf(given);
  if (sendsKeys && found.worker?.tag === tag) {
    installation.keysSent = { tag, isSure: true };
    remember(null);
  }
  const wanted = { names, host: settled.host, access };
  const reasons = reasonsToDeploy(found, wanted, tag, Object.keys(sent));
  if (switches.force && reasons.length === 0) reasons.push('You said --force');
  for (const reason of reasons) terminal.say(`${dryRun ? 'Would deploy' : 'Deploy'}: ${reason}.`);
  if (reasons.length === 0 || dryRun) return reasons.length > 0;
  writeFileSync(folder.configuration, `${JSON.stringify(configuration, null, 2)}\n`);
  const running = () => liveWorker(prepared.client, accountId, names.worker);
  await deployWorker(ports, accountId, tag, sent, found.worker !== null, async () => {
    const now = await running();
    if (now?.tag !== found.worker?.tag) throw new Stop(ends.meanwhile(names.worker));
    if (sendsKeys) installation.keysSent = { tag, isSure: installation.keysSent?.isSure ?? false };
    remember(workerMade(names.worker));
  });
  const isStillOurs = (await running())?.tag === tag;
  if (!isStillOurs) terminal.say(ends.deployedOver(names.worker));
  if (sendsKeys) installation.keysSent = { tag, isSure: isStillOurs };
  remember(null);
  return true;
}

const removal = (domain: string) =>
  `Remove the Access application of ${domain}, which led here before`;

/** Once the Worker answers at its new host name: until then the old one is still in use. */
async function removeLeftBehind(
  { terminal }: Ports,
  { client, accountId, installation }: Prepared,
  left: readonly LeftBehind[],
  remember: Remember,
): Promise<void> {
  for (const { id, domain } of left) {
    terminal.say(`Do: ${removal(domain)}.`);
    await removeAccessApp(client, accountId, id);
    installation.made = installation.made.filter((one) => one !== accessMade(domain));
    remember(null);
  }
}

/** As a stranger and as the git host; throws a sentence where the installation does not answer well. */
async function lookFromOutside(
  ports: Ports,
  address: string | null,
  { settled, secrets, installation }: Prepared,
  found: Found,
): Promise<void> {
  const access = accessIn(found.access, installation.access);
  if (access === null) throw new Error('The Worker was deployed without an Access application.');
  const ask = ports.live(address ?? `https://${settled.host}`);
  let isToldOf = false;
  const pause = async (ms: number) => {
    if (!isToldOf) ports.terminal.say(ends.waiting(settled.host));
    isToldOf = true;
    await ports.sleep(ms);
  };
  for (const one of [
    () => hasAddress(ports.isNamed, address, settled.host, found.zone),
    () => turnsStrangersAway(ask, access.team, access.aud),
    () => takesWebhooks(ask, secrets.GITHUB_WEBHOOK_SECRET ?? null),
  ]) {
    const live = await untilGood(one, pause);
    if (live.is === 'good') continue;
    throw new Stop(ends.notWell(settled.host, live.text, live.is === 'wrong' ? live.mend : null));
  }
}

/**
 * Makes an installation, or changes what of it differs from what is wanted: the database first, so that
 * one that cannot be used stops all else, then the parts, then the Worker, then a look from outside. It
 * can end anywhere and be run again.
 * @returns true where anything was, or in a dry run would be, changed.
 */
export async function setup(options: Options, ports: Ports): Promise<boolean> {
  if (options.switches['dry-run']) {
    return setUp(options, ports).catch(async (error: unknown) => {
      if (!(error instanceof NotSignedIn)) throw error;
      await sayWithoutSignIn(options, ports);
      return true;
    });
  }
  const giveBack = ports.folder.lock();
  try {
    return await setUp(options, ports);
  } finally {
    giveBack();
  }
}

async function setUp(options: Options, ports: Ports): Promise<boolean> {
  const { folder, terminal } = ports;
  const dryRun = options.switches['dry-run'];
  const prepared = await prepare(options, ports);
  const { settled, secrets, installation } = prepared;
  const remember: Remember = (made) => {
    if (made !== null && !installation.made.includes(made)) installation.made.push(made);
    if (!dryRun) folder.write(installation);
  };
  if (!dryRun) folder.writeSecrets({ ...secrets, DATABASE_URL: settled.databaseUrl });
  remember(null);

  const migrated = await migrate(ports, settled.databaseUrl, dryRun);
  const { count, found } = await makeParts(ports, prepared, remember, dryRun);
  installation.hyperdriveId = settled.hyperdrive ? (found.hyperdrive?.id ?? null) : null;
  remember(null);
  const left = leftBehind(found, settled.host, installation.made);
  const alone = peopleLeftAlone(found, settled);
  if (alone !== null) terminal.say(alone);
  const byHand =
    found.access.is === 'unreadable' ? formerDomains(settled.host, installation.made) : [];
  if (byHand.length > 0) terminal.say(ends.removeByHand(byHand));
  if (dryRun) for (const { domain } of left) terminal.say(`Would do: ${removal(domain)}.`);
  const lacksAccess = found.access.is === 'readable' && found.access.app === null;
  if (dryRun && count > 0 && (found.worker === null || lacksAccess)) {
    terminal.say('Would deploy: Its configuration names what is not there yet.');
    return true;
  }
  const deployed = await bringWorker(ports, options, prepared, found, remember);
  const changed = migrated || count > 0 || deployed || left.length > 0;
  if (dryRun) {
    if (!changed) terminal.say('Nothing would be changed.');
    return changed;
  }
  await lookFromOutside(ports, options.address, prepared, found);
  await removeLeftBehind(ports, prepared, left, remember);
  terminal.say(ends.done(settled.host, changed, folder.path));
  return changed;
}
