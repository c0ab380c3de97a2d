import { keyInOneLine } from './github-app.ts';
import type { Installation, Secrets } from './installation.ts';
import { InstallationName } from './names.ts';
import { askForMissing, missingAnswers } from './needed.ts';
import type { Options } from './options.ts';
import type { Ports } from './ports.ts';
import {
  type Answers,
  type Flag,
  QUESTIONS,
  SECRET_OF,
  answersOf,
  given,
  peopleIn,
} from './questions.ts';
import { Stop } from './stop.ts';

/** What setup was told, whole. */
export type Settled = {
  host: string;
  emails: string[];
  databaseUrl: string;
  account: string | undefined;
  access: Installation['access'];
  vars: Installation['vars'];
  hyperdrive: boolean;
  /** False where nobody is there, or wants to be asked. */
  mayAsk: boolean;
  /** Those that this folder knows now. Others may be at Cloudflare. */
  secrets: Secrets;
};

function secretsIn(answers: Answers, before: Secrets): Secrets {
  const secrets: Secrets = { ...before };
  for (const { flag } of QUESTIONS) {
    const name = SECRET_OF[flag];
    const value = answers[flag];
    if (name !== undefined && value !== undefined) secrets[name] = value;
  }
  return secrets;
}

/** Secrets that are kept, as answers. */
export const flagsOf = (kept: Secrets): Answers =>
  Object.fromEntries(
    QUESTIONS.flatMap(({ flag }) => {
      const name = SECRET_OF[flag];
      return name === undefined || kept[name] === undefined ? [] : [[flag, kept[name]]];
    }),
  );

/** Name of the installation; all that it has at Cloudflare is found by it. */
export function nameOf(
  { answers }: Options,
  environment: NodeJS.ProcessEnv,
  before: Installation | null,
): string {
  const name = answers.name ?? before?.name ?? environment.MAINLOOP_NAME ?? 'mainloop';
  const read = InstallationName.safeParse(name);
  if (!read.success) {
    throw new Stop('--name takes up to 40 lower-case letters, digits and hyphens.');
  }
  if (before !== null && before.name !== read.data) {
    throw new Stop(
      `This folder holds the installation ${before.name}. Give ${read.data} a folder of its own: MAINLOOP_INSTALLATION_DIR=.installation-${read.data}`,
    );
  }
  return read.data;
}

/**
 * Puts together what flags, the environment and an earlier setup say, and asks for the rest; throws one
 * sentence for all that is missing where nobody can be asked.
 */
export async function settle(
  { answers: flags, switches, vars }: Options,
  { folder, environment, terminal }: Ports,
  before: Installation | null,
  /** Names of the secrets that the Worker has; null where none runs. */
  deployed: readonly string[] | null,
): Promise<Settled> {
  const kept = folder.readSecrets();
  const keptAnswers: Answers = { ...(before !== null && answersOf(before)), ...flagsOf(kept) };
  const isRunning = before !== null && deployed !== null && !switches['use-environment'];
  // A shell may have been set up for another project: an installation that runs takes from it only what
  // it cannot do without and finds nowhere else.
  const wanting = missingAnswers(keptAnswers, deployed).map(({ flag }) => flag);
  const listensTo = (flag: Flag) => !isRunning || wanting.includes(flag);
  const { answers: said, refused, leftAside } = given(flags, environment, keptAnswers, listensTo);
  if (refused.length > 0) {
    const list = refused.map(({ flag, hint }) => `  --${flag} should look like ${hint}`).join('\n');
    throw new Stop(`These answers are not in the form that is wanted:\n${list}`);
  }
  if (leftAside.length > 0) {
    terminal.say(
      `Left aside: ${leftAside.join(', ')} of the environment, which this installation knows otherwise. Flags change what it knows, and so does --use-environment.`,
    );
  }
  const missing = missingAnswers(said, deployed);
  const { ask } = terminal;
  if (missing.length > 0 && (ask === null || switches.yes)) {
    const list = missing.map(
      ({ flag, variable, hint }) => `  --${flag}=…  or ${variable}  (${hint})`,
    );
    throw new Stop(`These answers are missing:\n${list.join('\n')}`);
  }
  const answers = ask === null ? said : await askForMissing(said, deployed, ask);
  const { 'github-app-private-key': key } = answers;
  if (key !== undefined) answers['github-app-private-key'] = keyInOneLine(key);
  const { host = '', emails = '', 'database-url': databaseUrl = '' } = answers;
  const { 'access-team': team, 'access-aud': aud } = answers;
  if ((team === undefined) !== (aud === undefined)) {
    throw new Stop('An Access application that you made has both: --access-team and --access-aud.');
  }
  return {
    host,
    emails: peopleIn(emails),
    databaseUrl,
    account: answers.account,
    access: team === undefined || aud === undefined ? null : { team, aud },
    vars: withoutEmpty({ ...before?.vars, ...addressesIn(answers), ...vars }),
    mayAsk: ask !== null && !switches.yes,
    hyperdrive: !switches['without-hyperdrive'] && (before?.hyperdrive ?? true),
    secrets: secretsIn(answers, kept),
  };
}

/** Answers that become variables of the Worker's. */
const ADDRESSES = ['anthropic-base-url', 'github-api-url', 'github-url'] as const;

function addressesIn(answers: Answers): Record<string, string> {
  return Object.fromEntries(
    ADDRESSES.flatMap((flag) => {
      const value = answers[flag]?.replace(/\/+$/, '');
      return value === undefined ? [] : [[flag.toUpperCase().replaceAll('-', '_'), value]];
    }),
  );
}

/** A variable that is said to be nothing is that of wrangler.toml again. */
const withoutEmpty = (vars: Record<string, string>) =>
  Object.fromEntries(Object.entries(vars).filter(([, value]) => value !== ''));
