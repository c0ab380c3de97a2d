import type { Found } from './found.ts';
import { namesOf } from './names.ts';
import type { Options } from './options.ts';
import { planned, say } from './plan.ts';
import type { Ports } from './ports.ts';
import { answersOf, given, peopleIn } from './questions.ts';
import { missingAnswers } from './needed.ts';
import { flagsOf, nameOf } from './settle.ts';
import { Stop } from './stop.ts';

/** An account of which nothing is known. */
const UNSEEN: Found = {
  hyperdrive: null,
  queue: null,
  deadLetters: null,
  hasBucket: false,
  access: { is: 'readable', team: '', app: null, webhooks: null, all: [] },
  worker: null,
  hostLeadsTo: null,
  workflowOf: null,
  zone: null,
  // Most accounts have one, and nothing is reached there.
  subdomain: '',
};

async function migrations({ database }: Ports, url: string | undefined): Promise<string> {
  if (url === undefined) return 'Migrate Postgres';
  try {
    const pending = await database(url).pending();
    return pending.length === 0 ? '' : `Migrate Postgres (${pending.join(', ')})`;
  } catch (error) {
    if (error instanceof Stop)
      return `Migrate Postgres, which was not looked at (${error.message})`;
    throw error;
  }
}

/** What a dry run can say where nobody is signed in to Cloudflare, and what it cannot. */
export async function sayWithoutSignIn(options: Options, ports: Ports): Promise<void> {
  const { folder, environment, terminal } = ports;
  const before = folder.read();
  const names = namesOf(nameOf(options, environment, before));
  const kept = { ...(before !== null && answersOf(before)), ...flagsOf(folder.readSecrets()) };
  const { answers } = given(options.answers, environment, kept, () => true);
  const { host = '<the host name>', emails = '<those who may sign in>' } = answers;
  const url = answers['database-url'];
  const steps = planned(UNSEEN, {
    names,
    host,
    emails: peopleIn(emails),
    hyperdrive: !options.switches['without-hyperdrive'] && (before?.hyperdrive ?? true),
    databaseUrl: url ?? '',
    hyperdriveSent: null,
    access: null,
  });
  terminal.say(
    'You are not signed in to Cloudflare, so that what is there already cannot be seen. In an empty account:',
  );
  const all = [await migrations(ports, url), ...steps.map(say)].filter((step) => step !== '');
  for (const step of all) terminal.say(`Would do: ${step}.`);
  terminal.say(`Would deploy: The Worker ${names.worker}, at https://${host}.`);
  const missing = missingAnswers(answers, null);
  if (missing.length > 0) {
    const list = missing.map(({ flag, variable }) => `--${flag} (${variable})`);
    terminal.say(`Not said yet, or not in the form that is wanted: ${list.join(', ')}.`);
  }
  terminal.say(
    'What only a sign-in shows: which of this is there already, whether the domain is in the account, whether the host name is in use, and whether the sign-in may change Access. Sign in with `npx wrangler login` or CLOUDFLARE_API_TOKEN (docs/install.md), then run this again.',
  );
}
