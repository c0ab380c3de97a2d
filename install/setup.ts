import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { carryOut, madeBy } from './carry-out.ts';
import type { Client } from './cloudflare/client.ts';
import { liveWorker } from './cloudflare/worker.ts';
import { type Configuration, configurationFor, readConfiguration } from './configuration.ts';
import { type Found, look } from './found.ts';
import { deployWorker, workersSecrets } from './deploy-worker.ts';
import type { Access, Installation } from './installation.ts';
import { takesWebhooks, turnsStrangersAway } from './live.ts';
import { accessByHand, ends } from './messages.ts';
import { type Names, namesOf } from './names.ts';
import type { Options } from './options.ts';
import { missingSecrets, planned, reasonsToDeploy, say } from './plan.ts';
import type { Ports } from './ports.ts';
import { type Flag, QUESTIONS } from './questions.ts';
import { type Settled, nameOf, settle } from './settle.ts';
import { chooseAccount, cloudflareToken } from './sign-in.ts';
import { Stop } from './stop.ts';
import { versionTag } from './version-tag.ts';
import { withKeys } from './keys.ts';

type Place = { client: Client; accountId: string; names: Names };

/** Stops before anything is made where it could not end well. */
async function checkBefore(
  { tryAnthropicKey, tryGitHubToken, terminal }: Ports,
  settled: Settled,
  base: Configuration,
): Promise<void> {
  const { secrets, addresses } = settled;
  const address = (name: keyof typeof addresses) => addresses[name] ?? base.vars[name] ?? '';
  const { ANTHROPIC_API_KEY: key, GITHUB_TOKEN: token } = secrets;
  const tried = await Promise.all([
    key === undefined ? null : tryAnthropicKey(address('ANTHROPIC_BASE_URL'), key),
    token === undefined ? null : tryGitHubToken(address('GITHUB_API_URL'), token),
  ]);
  for (const one of tried) {
    if (one?.is === 'refused') throw new Stop(one.text);
    if (one?.is === 'unknown') terminal.say(`Not tried: ${one.text}`);
  }
}

/** Neither a Worker nor a site of somebody's is put aside unasked: wrangler and Access would do so. */
async function checkHost(
  { resolves }: Ports,
  { hasZone, hostLeadsTo }: Found,
  host: string,
  worker: string,
): Promise<void> {
  if (!hasZone) {
    throw new Stop(
      `No domain of this Cloudflare account holds ${host}. Add the domain to the account first, or choose another host name.`,
    );
  }
  if (hostLeadsTo === worker) return;
  const to = hostLeadsTo === null ? null : `the Worker ${hostLeadsTo}`;
  const elsewhere = to ?? ((await resolves(host)) ? 'something else' : null);
  if (elsewhere === null) return;
  throw new Stop(
    `${host} leads to ${elsewhere} now. Choose another host name, or say --take-over to have it lead to Mainloop.`,
  );
}

/** Makes what is missing; each thing is written down before it is made. */
async function makeParts(
  ports: Ports,
  place: Place,
  settled: Settled,
  found: Found,
  remember: (made: string | null) => void,
  dryRun: boolean,
): Promise<Found> {
  const { names } = place;
  const steps = planned(found, { names, ...settled });
  for (const step of steps) {
    ports.terminal.say(`${dryRun ? 'Would do' : 'Do'}: ${say(step)}.`);
    if (dryRun) continue;
    remember(madeBy(step));
    await carryOut(step, found, { ...place, databaseUrl: settled.databaseUrl });
  }
  if (steps.length === 0 || dryRun) return found;
  return look(place.client, place.accountId, names, settled.host);
}

/**
 * The application that Access has, or that its owner named; where there is neither, what to do by hand,
 * and then its name is asked for, or the command ends.
 */
async function accessOf({ terminal }: Ports, { access }: Found, settled: Settled): Promise<Access> {
  if (settled.access !== null) return settled.access;
  if (access.is === 'readable' && access.app !== null) {
    return { team: access.team, aud: access.app.aud };
  }
  const why = access.is === 'unreadable' ? access.why : 'it has no application';
  const recipe = accessByHand(settled.host, settled.emails, why);
  const { ask } = terminal;
  if (ask === null || !settled.mayAsk) throw new Stop(`${recipe}\n${ends.thenAgain}`);
  terminal.say(recipe);
  const of = (flag: Flag) => QUESTIONS.find((one) => one.flag === flag);
  const [team, aud] = [of('access-team'), of('access-aud')];
  if (team === undefined || aud === undefined) throw new Error('Two questions are gone.');
  return {
    team: await ask({ ...team, text: 'The team’s domain' }),
    aud: await ask({ ...aud, text: 'The application’s AUD tag' }),
  };
}

async function migrate(
  { database, terminal }: Ports,
  url: string,
  dryRun: boolean,
): Promise<boolean> {
  const base = database(url);
  const pending = await base.pending();
  if (pending.length === 0) return false;
  terminal.say(`${dryRun ? 'Would do' : 'Do'}: Migrate Postgres (${pending.join(', ')}).`);
  if (!dryRun) await base.migrate();
  return true;
}

/**
 * Makes an installation, or changes what of it differs from what is wanted: parts first, then the
 * database, then the Worker, then a look from outside. It can end anywhere and be run again.
 * @returns true where anything was, or in a dry run would be, changed.
 */
export async function setup(options: Options, ports: Ports): Promise<boolean> {
  const { root, environment, folder, terminal } = ports;
  const { switches } = options;
  const dryRun = switches['dry-run'];
  const before = folder.read();
  const base = readConfiguration(readFileSync(path.join(root, 'wrangler.toml'), 'utf8'));
  const token = await cloudflareToken(environment, ports.wrangler(null), terminal);
  const client = ports.client(token);
  const accountId = await chooseAccount(
    client,
    options.answers.account ?? environment.CLOUDFLARE_ACCOUNT_ID ?? before?.accountId,
  );
  const name = nameOf(options, environment, before);
  const names = namesOf(name);
  const place = { client, accountId, names };
  const deployed = await liveWorker(client, accountId, names.worker);
  const settled = await settle(options, ports, before, deployed?.secrets ?? []);
  const atFirst = await look(client, accountId, names, settled.host);
  if (!switches['take-over']) await checkHost(ports, atFirst, settled.host, names.worker);
  const secrets = withKeys(settled.secrets, atFirst.worker?.secrets ?? []);
  await checkBefore(ports, settled, base);

  const installation: Installation = {
    version: 1,
    name,
    accountId,
    host: settled.host,
    emails: settled.emails,
    addresses: settled.addresses,
    hyperdrive: settled.hyperdrive,
    hyperdriveId: before?.hyperdriveId ?? null,
    access: settled.access,
    made: before?.made ?? [],
  };
  const keep = () => {
    if (!dryRun) folder.write(installation);
  };
  if (!dryRun) folder.writeSecrets({ ...secrets, DATABASE_URL: settled.databaseUrl });
  keep();
  const remember = (made: string | null) => {
    if (made === null || installation.made.includes(made)) return;
    installation.made.push(made);
    keep();
  };

  const found = await makeParts(ports, place, settled, atFirst, remember, dryRun);
  const madeParts = found !== atFirst;
  installation.hyperdriveId = settled.hyperdrive ? (found.hyperdrive?.id ?? null) : null;
  keep();
  const migrated = await migrate(ports, settled.databaseUrl, dryRun);
  const wouldMake = dryRun && planned(found, { names, ...settled }).length > 0;
  if (wouldMake && found.worker === null) {
    terminal.say('Would do: Deploy the Worker (it was not deployed yet).');
    return true;
  }

  const access = await accessOf(ports, found, settled);
  if (found.access.is === 'unreadable') installation.access = access;
  keep();
  const configuration = configurationFor(base, root, {
    name,
    accountId,
    host: settled.host,
    access,
    addresses: settled.addresses,
    hyperdriveId: installation.hyperdriveId,
  });
  const sent = workersSecrets(settled.hyperdrive, secrets);
  const missing = missingSecrets(found.worker, Object.keys(sent), settled.hyperdrive);
  if (missing.length > 0)
    throw new Stop(`The Worker needs ${missing.join(', ')}: say them by flag or variable.`);
  const tag = versionTag(ports.hashOfSources(), root, configuration, sent);
  const reasons = reasonsToDeploy(found, { names, host: settled.host }, tag, Object.keys(sent));
  if (switches.force && reasons.length === 0) reasons.push('You said --force');
  for (const reason of reasons) terminal.say(`${dryRun ? 'Would deploy' : 'Deploy'}: ${reason}.`);
  if (dryRun) {
    const would = wouldMake || migrated || reasons.length > 0;
    if (!would) terminal.say('Nothing would be changed.');
    return would;
  }
  if (reasons.length > 0) {
    remember(`worker:${names.worker}`);
    writeFileSync(folder.configuration, `${JSON.stringify(configuration, null, 2)}\n`);
    await deployWorker(ports, accountId, tag, sent, found.worker !== null);
  }

  const ask = ports.live(options.address ?? `https://${settled.host}`);
  const seen = [
    await turnsStrangersAway(ask, access.team),
    await takesWebhooks(ask, secrets.GITHUB_WEBHOOK_SECRET ?? null),
  ];
  for (const one of seen)
    if (one.is !== 'good') throw new Stop(ends.notWell(settled.host, one.text));
  const changed = madeParts || migrated || reasons.length > 0;
  terminal.say(ends.done(settled.host, changed, folder.path));
  return changed;
}
