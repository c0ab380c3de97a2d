import { env } from 'cloudflare:workers';
import { ulid } from 'ulid';
import { afterAll, beforeAll, vi } from 'vitest';
import { app } from '../app.ts';
import { type SigningKey, newKey, seconds, sign } from '../auth/testing/keys.ts';
import { ThreadClient } from '../thread/testing/client.ts';

/** Where the Worker is, for a page of its own. */
export const HERE = 'https://mainloop.example.com';
export const upgrade = { upgrade: 'websocket', origin: HERE };
const { LOCAL_PERSON: _local, ...bindings } = env;

/** Two people of a team, as Cloudflare Access vouches for them. Call it outside of any test. */
export function twoPeople() {
  // Its keys are known by where they come from, and test files share what is remembered of them.
  const TEAM = `https://${ulid().toLowerCase()}.access.test`;
  const settings = { ...bindings, ACCESS_TEAM_DOMAIN: TEAM, ACCESS_AUD: 'app' };
  let key: SigningKey;
  const people = { ada: `ada-${ulid()}`, eve: `eve-${ulid()}` };

  /** What is asked beyond the Worker here: the team's key server, and the git host whose a token is. */
  async function keyServer(input: RequestInfo | URL): Promise<Response> {
    const { href } = new URL(input instanceof Request ? input.url : input);
    if (href.endsWith('/user'))
      return Response.json({ login: 'ada', id: 7, html_url: 'http://github.test/ada' });
    return href === `${TEAM}/cdn-cgi/access/certs`
      ? Response.json({ keys: [key.jwk] })
      : new Response(null, { status: 404 });
  }
  beforeAll(async () => {
    key = await newKey('key-1');
    vi.stubGlobal('fetch', keyServer);
  });
  afterAll(() => {
    vi.unstubAllGlobals();
  });

  const tokenOf = (person: string, by = key) =>
    sign(by, { iss: TEAM, aud: 'app', sub: person, exp: seconds(600) });

  /** Asks as this person, or as nobody. */
  async function send(person: string | null, path: string, init: RequestInit = {}) {
    const headers = new Headers(init.headers);
    if (person !== null) headers.set('cf-access-jwt-assertion', await tokenOf(person));
    return app.fetch(new Request(`${HERE}${path}`, { ...init, headers }), settings);
  }
  async function ask(
    person: string | null,
    path: string,
    headers: Record<string, string> = {},
    body?: unknown,
    method = 'POST',
  ) {
    const sent = body === undefined ? {} : { method, body: JSON.stringify(body) };
    return send(person, path, { ...sent, headers });
  }
  async function pageOf(person: string): Promise<ThreadClient> {
    const { webSocket } = await ask(person, '/api/socket', upgrade);
    if (webSocket === null) throw new Error('No socket was opened.');
    const page = new ThreadClient(webSocket);
    page.hello();
    await page.first('repositories');
    return page;
  }
  /** A token of this person's that a stranger has signed. */
  const forged = async (person: string) =>
    tokenOf(person, { ...(await newKey('x')), kid: key.kid });

  return { ...people, ask, send, pageOf, forged };
}
