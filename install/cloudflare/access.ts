import * as z from 'zod/mini';
import { type Client, Nothing, isNotAllowed, must } from './client.ts';

const Organization = z.object({ auth_domain: z.string() });
const Rule = z.looseObject({ email: z.optional(z.object({ email: z.string() })) });
const Policy = z.looseObject({
  id: z.string(),
  name: z.optional(z.string()),
  decision: z.string(),
  /** Other applications may use it, too: it is changed at a place of its own. */
  reusable: z.optional(z.boolean()),
  include: z.optional(z.array(Rule)),
});
type Policy = z.infer<typeof Policy>;
const App = z.object({
  id: z.string(),
  domain: z.optional(z.string()),
  self_hosted_domains: z.optional(z.nullable(z.array(z.string()))),
  aud: z.optional(z.string()),
  policies: z.optional(z.array(Policy)),
});
type App = z.infer<typeof App>;

/** Who is let in. */
export type People =
  /** By a policy that setup may write: this application's alone, and by e-mail addresses only. */
  | { is: 'by_address'; policyId: string; emails: string[] }
  /** There is no policy. */
  | { is: 'nobody' }
  /** Somebody said so in a way that setup leaves alone. */
  | { is: 'by_others'; emails: string[] };

export type AccessApp = {
  id: string;
  aud: string;
  people: People;
  /** Names of the policies beside it that let somebody in. */
  beside: string[];
  /** Lets everyone through. */
  isOpen: boolean;
};

/** What Access has for a host: the application in front of all of it, and the path that is let through. */
export type AccessFound =
  | {
      is: 'readable';
      team: string;
      app: AccessApp | null;
      webhooks: AccessApp | null;
      /** Every application of the account, whatever it is in front of. */
      all: { id: string; domain: string; aud: string }[];
    }
  /** The token says nothing of Access, or the account never chose a team name. */
  | { is: 'unreadable'; why: string };

const SESSION = '168h';

const PEOPLE = 'People of Mainloop';

/** The addresses that a policy lets in; null where it names anything else. */
function addressesIn({ include = [] }: Policy): string[] | null {
  const emails = include.flatMap(({ email }) => (email === undefined ? [] : [email.email]));
  return emails.length === include.length ? emails : null;
}

/** The policy that setup made, or the only one that is like it. */
function ownPolicy(policies: readonly Policy[]): Policy | null {
  const alike = policies.filter(
    (one) => one.reusable !== true && one.decision === 'allow' && addressesIn(one) !== null,
  );
  const [only, another] = alike;
  return alike.find(({ name }) => name === PEOPLE) ?? (another === undefined ? only : null) ?? null;
}

function readApp({ id, aud = '', policies = [] }: App): AccessApp {
  const own = ownPolicy(policies);
  const others = policies.filter((one) => one !== own && one.decision === 'allow');
  const people = (): People => {
    if (own !== null) {
      return { is: 'by_address', policyId: own.id, emails: addressesIn(own) ?? [] };
    }
    if (policies.length === 0) return { is: 'nobody' };
    return { is: 'by_others', emails: others.flatMap((one) => addressesIn(one) ?? []) };
  };
  return {
    id,
    aud,
    people: people(),
    beside: others.map(({ id: policy, name }) => name ?? policy),
    isOpen: policies.some(({ decision }) => decision === 'bypass'),
  };
}

export async function findAccess(
  client: Client,
  accountId: string,
  host: string,
  webhookPath: string,
): Promise<AccessFound> {
  const team = await client.get(`/accounts/${accountId}/access/organizations`, Organization);
  if (team.is === 'refused') {
    const why = isNotAllowed(team)
      ? 'the token may not read Access'
      : `Cloudflare says "${team.message}" (an account begins with a team name)`;
    return { is: 'unreadable', why };
  }
  const apps = await client.list(`/accounts/${accountId}/access/apps`, App);
  if (apps.is === 'refused' && isNotAllowed(apps)) {
    return { is: 'unreadable', why: 'the token may not read Access applications' };
  }
  const found = must(apps, 'list the Access applications');
  const at = (domain: string) => {
    const app = found.find(
      (one) => one.domain === domain || one.self_hosted_domains?.includes(domain) === true,
    );
    return app === undefined ? null : readApp(app);
  };
  return {
    is: 'readable',
    team: team.result.auth_domain,
    app: at(host),
    webhooks: at(`${host}${webhookPath}`),
    all: found.map(({ id, domain = '', aud = '' }) => ({ id, domain, aud })),
  };
}

const allow = (emails: readonly string[]) => ({
  name: PEOPLE,
  decision: 'allow',
  include: emails.map((email) => ({ email: { email } })),
});
const letThrough = { name: 'Signed webhooks', decision: 'bypass', include: [{ everyone: {} }] };

async function make(client: Client, accountId: string, app: object) {
  const body = { type: 'self_hosted', session_duration: SESSION, ...app };
  return client.send('POST', `/accounts/${accountId}/access/apps`, body, App);
}

/** The application in front of the whole host: these people may sign in, nobody else. */
export async function makeAccessApp(
  client: Client,
  accountId: string,
  { name, host, emails }: { name: string; host: string; emails: readonly string[] },
) {
  const app = { name, domain: host, app_launcher_visible: true, policies: [allow(emails)] };
  return readApp(must(await make(client, accountId, app), 'make the Access application'));
}

/** The one path that the git host calls without signing in. */
export async function makeOpenPath(
  client: Client,
  accountId: string,
  { name, domain }: { name: string; domain: string },
) {
  const app = { name, domain, app_launcher_visible: false, policies: [letThrough] };
  must(await make(client, accountId, app), 'let webhooks pass Access');
}

/** What Cloudflare says of a policy and takes from nobody. */
const SAID_ONLY = ['id', 'uid', 'created_at', 'updated_at', 'reusable', 'app_count', 'source_type'];

/**
 * Lets in these people. All else that its owner put into the policy stays, such as a second factor that
 * it requires: an update replaces the whole of it.
 * @see https://developers.cloudflare.com/api/resources/zero_trust/subresources/access/subresources/applications/subresources/policies/methods/update/
 */
export async function setPeople(
  client: Client,
  accountId: string,
  { id, people }: AccessApp,
  emails: readonly string[],
) {
  const path = `/accounts/${accountId}/access/apps/${id}/policies`;
  if (people.is !== 'by_address') {
    must(await client.send('POST', path, allow(emails), Nothing), 'say who may sign in');
    return;
  }
  const policy = `${path}/${people.policyId}`;
  const before = must(await client.get(policy, Policy), 'read who may sign in');
  const kept = Object.entries(before).filter(
    ([key, value]) => !SAID_ONLY.includes(key) && value !== null,
  );
  const body = { ...Object.fromEntries(kept), include: allow(emails).include };
  must(await client.send('PUT', policy, body, Nothing), 'say who may sign in');
}

export async function removeAccessApp(client: Client, accountId: string, id: string) {
  const path = `/accounts/${accountId}/access/apps/${id}`;
  must(await client.send('DELETE', path, undefined, Nothing), 'remove the Access application');
}
