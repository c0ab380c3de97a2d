import { readFileSync } from 'node:fs';
import path from 'node:path';
import * as z from 'zod/mini';
import { accessIn } from '../access-of.ts';
import { boundTo } from '../cloudflare/worker.ts';
import { type Configuration, configurationFor, readConfiguration } from '../configuration.ts';
import { workersSecrets } from '../deploy-worker.ts';
import { type Found, look } from '../found.ts';
import { appOf, haveApp } from '../github-app.ts';
import type { Installation, Secrets } from '../installation.ts';
import { mayReplaceKeys, withoutKeys } from '../keys.ts';
import { type Live, hasAddress, takesWebhooks, turnsStrangersAway } from '../live.ts';
import { namesOf } from '../names.ts';
import type { Options } from '../options.ts';
import type { Ports } from '../ports.ts';
import { cloudflareToken } from '../sign-in.ts';
import { Stop } from '../stop.ts';
import { versionTag } from '../version-tag.ts';
import { type Finding, SETUP, type Seen, finding } from './finding.ts';
import { machineFindings } from './machine.ts';
import { outsideFindings } from './outside.ts';
import { partFindings } from './parts.ts';
import { workerFindings } from './worker.ts';

const Dated = z.looseObject({ compatibility_date: z.string() });

async function databaseSeen(
  { database }: Ports,
  url: string | undefined,
): Promise<Seen['database']> {
  if (url === undefined) return null;
  try {
    return { is: 'reached', pending: await database(url).pending() };
  } catch (error) {
    if (error instanceof Stop) return { is: 'away', text: error.message };
    throw error;
  }
}

function tagOf(
  { root, hashOfSources }: Ports,
  base: Configuration,
  installation: Installation,
  { access, hyperdrive, worker }: Found,
  secrets: Secrets,
): string | null {
  const used = accessIn(access, installation.access);
  if (used === null) return null;
  const configuration = configurationFor(base, root, {
    ...installation,
    access: used,
    hyperdriveId: installation.hyperdrive ? (hyperdrive?.id ?? null) : null,
  });
  const sources = hashOfSources();
  const tagWith = (given: Secrets) =>
    versionTag(sources, root, configuration, workersSecrets(installation.hyperdrive, given));
  const withKeys = tagWith(secrets);
  return mayReplaceKeys(worker, installation, withKeys) ? withKeys : tagWith(withoutKeys(secrets));
}

async function machineSeen(ports: Ports): Promise<Seen['machine']> {
  return {
    node: ports.environment.MAINLOOP_SYSTEM_NODE ?? null,
    workerd: ports.copiesOf('workerd'),
    hasDocker: await ports.hasDocker(),
  };
}

/** Looks at everything that a diagnosis rests on; changes nothing. */
async function see(
  ports: Ports,
  machine: Seen['machine'],
  installation: Installation,
  otherwise: string | null,
): Promise<Seen> {
  const { root, environment, folder } = ports;
  const base = readConfiguration(readFileSync(path.join(root, 'wrangler.toml'), 'utf8'));
  const token = await cloudflareToken(environment, ports.wrangler(null), {
    ...ports.terminal,
    confirm: null,
  });
  const names = namesOf(installation.name);
  const secrets = folder.readSecrets();
  const found = await look(ports.client(token), installation.accountId, names, installation.host);
  const urlOf = (name: string) => installation.vars[name] ?? base.vars[name] ?? '';
  const { ANTHROPIC_API_KEY: key, GITHUB_TOKEN: github } = secrets;
  const app = appOf(secrets);
  const team = found.access.is === 'readable' ? found.access.team : installation.access?.team;
  const aud = found.worker && boundTo(found.worker, 'ACCESS_AUD', 'text');
  const ask =
    found.worker === null ? null : ports.live(otherwise ?? `https://${installation.host}`);
  const named = await hasAddress(ports.isNamed, otherwise, installation.host, found.zone);
  const once = async (seeIt: () => Promise<Live>) => (named.is === 'good' ? seeIt() : named);
  const [database, anthropicTried, githubTried, appTried, strangers, webhooks] = await Promise.all([
    databaseSeen(ports, secrets.DATABASE_URL),
    key === undefined ? null : ports.tryAnthropicKey(urlOf('ANTHROPIC_BASE_URL'), key),
    app !== null || github === undefined
      ? null
      : ports.tryGitHubToken(urlOf('GITHUB_API_URL'), github),
    app === null ? null : ports.tryGitHubApp(urlOf('GITHUB_API_URL'), app),
    ask === null || team === undefined ? null : once(() => turnsStrangersAway(ask, team, aud)),
    ask === null ? null : once(() => takesWebhooks(ask, secrets.GITHUB_WEBHOOK_SECRET ?? null)),
  ]);
  return {
    machine,
    installation,
    names,
    secrets,
    found,
    wanted: {
      compatibilityDate: Dated.parse(base).compatibility_date,
      gatewayUrl: base.vars.GATEWAY_URL ?? '',
    },
    tag: tagOf(ports, base, installation, found, secrets),
    database,
    anthropic: anthropicTried,
    github: githubTried,
    app: appTried,
    isApp: haveApp([...Object.keys(secrets), ...(found.worker?.secrets ?? [])]),
    strangers,
    webhooks,
  };
}

/** What is good and what is wrong, by what was seen. */
function diagnose(seen: Seen): Finding[] {
  return [
    ...machineFindings(seen),
    ...partFindings(seen),
    ...workerFindings(seen),
    ...outsideFindings(seen),
  ];
}

const MARKS = { good: 'good ', wrong: 'WRONG', not_tried: '  ?  ' } as const;

function inWords(found: Finding): string {
  const head = `${MARKS[found.is]}  ${found.what}`;
  switch (found.is) {
    case 'good':
      return head;
    case 'wrong':
      return `${head}: ${found.text}\n         ${found.mend}`;
    case 'not_tried':
      return `${head}: not tried. ${found.text}`;
  }
}

/** This machine is looked at in any case: it may be what keeps an installation from being made. */
async function findingsOf(
  ports: Ports,
  installation: Installation | null,
  address: string | null,
): Promise<Finding[]> {
  const machine = await machineSeen(ports);
  const secrets = ports.folder.readSecrets();
  if (installation === null) {
    const text = `There is none in ${ports.folder.path}.`;
    return [...machineFindings({ machine, secrets }), finding('Installation', text, SETUP)];
  }
  try {
    return diagnose(await see(ports, machine, installation, address));
  } catch (error) {
    if (!(error instanceof Stop)) throw error;
    const again = 'Mend that, then run `npm run doctor` again: it looks at all else.';
    return [...machineFindings({ machine, secrets }), finding('Cloudflare', error.message, again)];
  }
}

/** Looks for what is wrong with the installation of this folder. @returns true where nothing is. */
export async function doctor({ switches, address }: Options, ports: Ports): Promise<boolean> {
  const { folder, terminal } = ports;
  const installation = folder.read();
  const findings = await findingsOf(ports, installation, address);
  const wrong = findings.filter(({ is }) => is === 'wrong');
  if (switches.json) {
    terminal.say(JSON.stringify({ good: wrong.length === 0, findings }, null, 2));
  } else {
    for (const one of findings) terminal.say(inWords(one));
    const sum = wrong.length === 1 ? 'One thing is wrong' : `${wrong.length} things are wrong`;
    const where = installation === null ? 'here' : `with https://${installation.host}`;
    terminal.say(`\n${wrong.length === 0 ? 'Nothing is wrong' : sum} ${where}.`);
  }
  return wrong.length === 0;
}
