import * as z from 'zod/mini';
import { type Installation, SECRETS, type SecretName } from './installation.ts';
import { InstallationName } from './names.ts';

const Host = z
  .string()
  .check(
    z.regex(
      /^(?=.{4,200}$)[a-z0-9-]+(?:\.[a-z0-9-]+)+$/,
      'a host name such as mainloop.example.com',
    ),
  );
const Emails = z
  .string()
  .check(
    z.regex(
      /^\s*[^\s@,]+@[^\s@,]+(?:\s*,\s*[^\s@,]+@[^\s@,]+)*\s*$/,
      'addresses with commas between',
    ),
  );
const Postgres = z
  .string()
  .check(
    z.regex(/^postgres(?:ql)?:\/\/\S+@\S+\/\S+$/, 'postgres://user:password@host:5432/database'),
  );
const OneLine = z.string().check(z.regex(/^\S+$/, 'one word'));
export const AppId = z.string().check(z.regex(/^\d{1,12}$/, 'a number'));
export const AccountId = z.string().check(z.regex(/^[0-9a-f]{32}$/, 'an account id'));
export const Address = z.url({ protocol: /^https?$/ });
const Team = z
  .string()
  .check(z.regex(/^[a-z0-9-]+(?:\.[a-z0-9-]+)+$/, 'a host name such as team.cloudflareaccess.com'));

/** What setup may be told. Each has a flag and a variable; what is needed and not found is asked. */
export type Question = {
  /** Without the dashes. */
  flag: string;
  variable: string;
  /** What a person is asked; null where nobody is asked. */
  text: string | null;
  /** What it is, for `--help`. */
  means: string;
  /** How it looks. */
  hint: string;
  /** Hidden while it is typed. */
  isSecret: boolean;
  answer: z.ZodMiniType<string>;
};

const question = <Name extends string>(
  flag: Name,
  text: string | null,
  means: string,
  hint: string,
  answer: z.ZodMiniType<string>,
  { variable = flag.toUpperCase().replaceAll('-', '_'), isSecret = false } = {},
) => ({ flag, variable, text, means, hint, isSecret, answer }) satisfies Question;

export const QUESTIONS = [
  question(
    'host',
    'Under which host name shall people reach it?',
    'Host name under which people reach it; its domain is in your Cloudflare account.',
    'mainloop.example.com',
    Host,
    { variable: 'MAINLOOP_HOST' },
  ),
  question(
    'emails',
    'Who may sign in?',
    'Who may sign in, with commas between.',
    'you@example.com,ada@example.com',
    Emails,
    { variable: 'MAINLOOP_EMAILS' },
  ),
  question(
    'database-url',
    'Which Postgres shall keep the history?',
    'The Postgres that keeps the history; Cloudflare must be able to reach it.',
    'postgres://user:password@host:5432/database',
    Postgres,
    { isSecret: true },
  ),
  question(
    'anthropic-api-key',
    'Your Anthropic API key',
    'Your key from platform.claude.com.',
    'sk-ant-...',
    OneLine,
    { isSecret: true },
  ),
  question(
    'github-token',
    'A GitHub token that may read and write contents and pull requests, or the App ID of your GitHub App',
    'May read and write contents, pull requests and issues of the repositories; or a GitHub App, below.',
    'github_pat_...',
    OneLine,
    { isSecret: true },
  ),
  question(
    'github-app-id',
    null,
    'App ID of a GitHub App in place of the token (docs/install.md).',
    '123456',
    AppId,
  ),
  question(
    'github-app-private-key',
    'The file of its private key',
    'The .pem file that GitHub made for that App.',
    'mainloop.2026-12-01.private-key.pem',
    z.string(),
  ),
  question(
    'claude-code-oauth-token',
    null,
    'Runs workers on your Claude plan: what `claude setup-token` prints.',
    'sk-ant-oat01-...',
    OneLine,
    { isSecret: true },
  ),
  question(
    'name',
    null,
    'Name of the installation, where an account has several.',
    'mainloop',
    InstallationName,
    { variable: 'MAINLOOP_NAME' },
  ),
  question(
    'account',
    null,
    'Which Cloudflare account, where your sign-in opens several.',
    '32 letters and digits, as the dashboard shows the account id',
    AccountId,
    { variable: 'CLOUDFLARE_ACCOUNT_ID' },
  ),
  question(
    'access-team',
    null,
    'Team domain, where you made the Access application yourself; with --access-aud.',
    'team.cloudflareaccess.com',
    Team,
    { variable: 'ACCESS_TEAM_DOMAIN' },
  ),
  question(
    'access-aud',
    null,
    'Audience (AUD) tag of that application.',
    'the tag on its page in the dashboard',
    OneLine,
    { variable: 'ACCESS_AUD' },
  ),
  question(
    'anthropic-base-url',
    null,
    'A model gateway of your own.',
    'https://gateway.example.com',
    Address,
  ),
  question(
    'github-api-url',
    null,
    'The API of GitHub Enterprise.',
    'https://github.example.com/api/v3',
    Address,
  ),
  question(
    'github-url',
    null,
    'The pages of GitHub Enterprise.',
    'https://github.example.com',
    Address,
  ),
] as const;
export type Flag = (typeof QUESTIONS)[number]['flag'];
export type Answers = Partial<Record<Flag, string>>;

/** Variables that hold secrets, by flag. */
export const SECRET_OF: Partial<Record<Flag, SecretName>> = Object.fromEntries(
  QUESTIONS.flatMap(({ flag, variable }) => {
    const name = SECRETS.find((one) => one === variable);
    return name === undefined ? [] : [[flag, name]];
  }),
);

export type Refused = { flag: Flag; hint: string };

/**
 * The answers given by flags, then by the environment where it is listened to, then by an earlier setup;
 * those that are not in the form that is wanted; and the variables that say something else and were not
 * listened to.
 */
export function given(
  flags: Answers,
  environment: NodeJS.ProcessEnv,
  before: Answers,
  listensTo: (flag: Flag) => boolean,
): { answers: Answers; refused: Refused[]; leftAside: string[] } {
  const answers: Answers = {};
  const refused: Refused[] = [];
  const leftAside: string[] = [];
  for (const { flag, variable, hint, answer } of QUESTIONS) {
    const around = environment[variable]?.trim();
    const isHeard = listensTo(flag);
    const value = flags[flag] || (isHeard ? around : '') || before[flag];
    if (!isHeard && !flags[flag] && around && around !== before[flag]) leftAside.push(variable);
    if (value === undefined || value === '') continue;
    const read = answer.safeParse(value.trim());
    if (read.success) answers[flag] = read.data;
    else refused.push({ flag, hint });
  }
  return { answers, refused, leftAside };
}

/** What an earlier setup was told, apart from its secrets and variables. */
export function answersOf({ name, accountId, host, emails, access, vars }: Installation): Answers {
  return {
    name,
    account: accountId,
    host,
    emails: emails.join(','),
    ...Object.fromEntries(
      QUESTIONS.flatMap(({ flag, variable }) =>
        vars[variable] === undefined ? [] : [[flag, vars[variable]]],
      ),
    ),
    ...(access !== null && { 'access-team': access.team, 'access-aud': access.aud }),
  };
}

export const peopleIn = (emails: string) =>
  emails.split(',').flatMap((one) => (one.trim() === '' ? [] : [one.trim().toLowerCase()]));
