import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Client } from './cloudflare/client.ts';
import { hasRecord } from './cloudflare/account.ts';
import { type LiveWorker, liveWorker } from './cloudflare/worker.ts';
import { type Configuration, readConfiguration } from './configuration.ts';
import { type Found, look } from './found.ts';
import { appOf } from './github-app.ts';
import type { Installation, Secrets } from './installation.ts';
import { withKeys } from './keys.ts';
import { ends } from './messages.ts';
import { type Names, namesOf, workerMade } from './names.ts';
import type { Options } from './options.ts';
import type { Ports } from './ports.ts';
import { AccountId } from './questions.ts';
import { type Settled, nameOf, settle } from './settle.ts';
import { chooseAccount, cloudflareToken } from './sign-in.ts';
import { Stop } from './stop.ts';

/** All that has to be known before anything is made. */
export type Prepared = {
  client: Client;
  accountId: string;
  names: Names;
  /** The repository's configuration. */
  base: Configuration;
  settled: Settled;
  secrets: Secrets;
  found: Found;
  /** To be kept in this folder. */
  installation: Installation;
};

/** Stops before anything is made where it could not end well. */
async function checkBefore(
  { tryAnthropicKey, tryGitHubToken, tryGitHubApp, terminal }: Ports,
  settled: Settled,
  base: Configuration,
): Promise<void> {
  const { secrets, vars } = settled;
  const address = (name: string) => vars[name] ?? base.vars[name] ?? '';
  const { ANTHROPIC_API_KEY: key, GITHUB_TOKEN: token } = secrets;
  const app = appOf(secrets);
  const tried = await Promise.all([
    key === undefined ? null : tryAnthropicKey(address('ANTHROPIC_BASE_URL'), key),
    app === null ? null : tryGitHubApp(address('GITHUB_API_URL'), app),
    // Where there is an App, nobody uses it.
    token === undefined || app !== null ? null : tryGitHubToken(address('GITHUB_API_URL'), token),
  ]);
  for (const one of tried) {
    if (one?.is === 'refused') throw new Stop(one.text);
    if (one?.is === 'doubtful') terminal.say(`Look at this: ${one.text}`);
    if (one?.is === 'unknown') terminal.say(`Not tried: ${one.text}`);
  }
}

/**
 * Neither a Worker nor a site of somebody's is put aside unasked: wrangler and Access would do so.
 * Whether the name is in use is asked where no resolver between remembers a no.
 */
async function checkHost(
  { isNamed }: Ports,
  client: Client,
  { zone, hostLeadsTo }: Found,
  host: string,
  worker: string,
): Promise<void> {
  if (zone === null) {
    throw new Stop(
      `No domain of this Cloudflare account holds ${host}. Add the domain to the account first, or choose another host name.`,
    );
  }
  if (hostLeadsTo === worker) return;
  if (hostLeadsTo !== null) throw new Stop(ends.leadsTo(host, `the Worker ${hostLeadsTo}`));
  const isTaken =
    (await hasRecord(client, zone, host)) ?? (await isNamed(host, zone.name_servers ?? []));
  if (isTaken === false) return;
  throw new Stop(isTaken ? ends.leadsTo(host, 'something else') : ends.leadsSomewhere(host));
}

/**
 * An installation that runs is another folder's until somebody says otherwise: a second clone with the
 * same name would take its queues, its host name and its secrets over, and nobody would know why.
 */
function checkOurs(
  before: Installation | null,
  worker: LiveWorker | null,
  name: string,
  takesOver: boolean,
): void {
  if (worker === null || takesOver) return;
  if (before?.made.includes(workerMade(name)) === true) return;
  throw new Stop(ends.anothers(name));
}

/** Variables that wrangler.toml leaves out and that are none of a secret's. */
export const OPTIONAL_VARS = ['EGRESS_MIRRORS'];
/** These follow from the installation itself. */
const FIXED_VARS = ['GATEWAY_URL'];

function checkVars(vars: Record<string, string>, base: Configuration): void {
  const known = [...Object.keys(base.vars), ...OPTIONAL_VARS].filter(
    (name) => !FIXED_VARS.includes(name),
  );
  const unknown = Object.keys(vars).filter((name) => !known.includes(name));
  if (unknown.length === 0) return;
  throw new Stop(`--var does not take ${unknown.join(', ')}. It takes ${known.join(', ')}.`);
}

/** Signs in, asks, looks, and tries; makes nothing. */
export async function prepare(options: Options, ports: Ports): Promise<Prepared> {
  const { root, environment, folder, terminal } = ports;
  const before = folder.read();
  const base = readConfiguration(readFileSync(path.join(root, 'wrangler.toml'), 'utf8'));
  const token = await cloudflareToken(environment, ports.wrangler(null), terminal);
  const client = ports.client(token);
  const named = options.answers.account ?? before?.accountId ?? environment.CLOUDFLARE_ACCOUNT_ID;
  if (named !== undefined && !AccountId.safeParse(named).success) {
    throw new Stop(
      '--account (or CLOUDFLARE_ACCOUNT_ID) takes 32 letters and digits: the dashboard shows the id of each account.',
    );
  }
  const accountId = await chooseAccount(client, named);
  const name = nameOf(options, environment, before);
  const names = namesOf(name);
  const deployed = await liveWorker(client, accountId, names.worker);
  const takesOver = options.switches['take-over'];
  checkOurs(before, deployed, name, takesOver);
  const settled = await settle(options, ports, before, deployed?.secrets ?? null);
  checkVars(settled.vars, base);
  const found = await look(client, accountId, names, settled.host);
  if (!takesOver) await checkHost(ports, client, found, settled.host, names.worker);
  await checkBefore(ports, settled, base);
  const { host, emails, vars, hyperdrive, access } = settled;
  const installation: Installation = {
    version: 1,
    name,
    accountId,
    host,
    emails,
    vars,
    hyperdrive,
    hyperdriveId: before?.hyperdriveId ?? null,
    hyperdriveSent: before?.hyperdriveSent ?? null,
    keysSent: before?.keysSent ?? null,
    access,
    made: [...(before?.made ?? [])],
  };
  const made = workerMade(name);
  if (deployed !== null && !installation.made.includes(made)) installation.made.push(made);
  const secrets = withKeys(settled.secrets, found.worker?.secrets ?? []);
  return { client, accountId, names, base, settled, secrets, found, installation };
}
