import * as z from 'zod/mini';
import { type Client, Nothing, isNotAllowed, must } from './client.ts';

const Organization = z.object({ auth_domain: z.string() });
const Rule = z.looseObject({ email: z.optional(z.object({ email: z.string() })) });
const App = z.object({
  id: z.string(),
  name: z.optional(z.string()),
  domain: z.optional(z.string()),
  aud: z.optional(z.string()),
  policies: z.optional(
    z.array(
      z.object({
        id: z.string(),
        decision: z.string(),
        include: z.optional(z.array(Rule)),
      }),
    ),
  ),
});
type App = z.infer<typeof App>;

export type AccessApp = {
  id: string;
  aud: string;
  /** Who is let in by e-mail address; null where its rules say something else, too. */
  emails: string[] | null;
  /** Lets everyone through. */
  isOpen: boolean;
  policyId: string | null;
};

/** What Access has for a host: the application in front of all of it, and the path that is let through. */
export type AccessFound =
  | { is: 'readable'; team: string; app: AccessApp | null; webhooks: AccessApp | null }
  /** The token says nothing of Access, or the account never chose a team name. */
  | { is: 'unreadable'; why: string };

const SESSION = '168h';

function readApp({ id, aud = '', policies = [] }: App): AccessApp {
  const [policy] = policies;
  const rules = policies.flatMap(({ include = [] }) => include);
  const emails = rules.flatMap(({ email }) => (email === undefined ? [] : [email.email]));
  return {
    id,
    aud,
    emails: policies.length === 1 && emails.length === rules.length ? emails : null,
    isOpen: policies.some(({ decision }) => decision === 'bypass'),
    policyId: policy?.id ?? null,
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
    const app = found.find((one) => one.domain === domain);
    return app === undefined ? null : readApp(app);
  };
  return {
    is: 'readable',
    team: team.result.auth_domain,
    app: at(host),
    webhooks: at(`${host}${webhookPath}`),
  };
}

const allow = (emails: readonly string[]) => ({
  name: 'People of Mainloop',
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

/** Lets in these people, and those only. */
export async function setPeople(
  client: Client,
  accountId: string,
  { id, policyId }: AccessApp,
  emails: readonly string[],
) {
  const path = `/accounts/${accountId}/access/apps/${id}/policies`;
  const sent =
    policyId === null
      ? await client.send('POST', path, allow(emails), Nothing)
      : await client.send('PUT', `${path}/${policyId}`, allow(emails), Nothing);
  must(sent, 'say who may sign in');
}

export async function removeAccessApp(client: Client, accountId: string, id: string) {
  const path = `/accounts/${accountId}/access/apps/${id}`;
  must(await client.send('DELETE', path, undefined, Nothing), 'remove the Access application');
}
