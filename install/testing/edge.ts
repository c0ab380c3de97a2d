import { createHmac } from 'node:crypto';
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Account } from './account.ts';

const GITHUB = '/webhooks/github';

/** The application one of whose domains is the longest that the address begins with. */
function appOf({ accessApps }: Account, address: string) {
  return [...accessApps.values()]
    .flatMap((app) => [app.domain, ...(app.self_hosted_domains ?? [])].map((at) => ({ at, app })))
    .filter(({ at }) => address === at || address.startsWith(`${at}/`))
    .toSorted((left, right) => right.at.length - left.at.length)[0]?.app;
}

/** What the Worker itself answers whoever comes past Access. */
function worker(account: Account, path: string, body: string, signature: string): number {
  const secrets = account.worker?.secrets;
  if (secrets === undefined) return 530;
  if (path !== GITHUB) return 200;
  const secret = secrets.get('GITHUB_WEBHOOK_SECRET');
  if (secret === undefined) return 404;
  const wanted = createHmac('sha256', secret).update(body).digest('hex');
  return signature === `sha256=${wanted}` ? 202 : 401;
}

/** What is at a host name of this account: Access where it has an application, then the Worker. */
export async function startEdge(account: Account, firstHost: string) {
  const at = { host: firstHost };
  const answer = (request: IncomingMessage, response: ServerResponse, body: string) => {
    const path = request.url ?? '/';
    const { host } = at;
    const app = appOf(account, path === '/' ? host : `${host}${path}`);
    if (account.domains.get(host) !== account.worker?.name) {
      response.writeHead(530).end();
    } else if (app !== undefined && app.policies.every(({ decision }) => decision !== 'bypass')) {
      const location = `https://${account.team}/cdn-cgi/access/login/${host}?kid=${app.aud}&redirect_url=%2F`;
      response.writeHead(302, { location }).end();
    } else {
      const signature = String(request.headers['x-hub-signature-256'] ?? '');
      response.writeHead(worker(account, path, body, signature)).end();
    }
  };
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => {
      body += chunk.toString();
    });
    request.on('end', () => answer(request, response, body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    /** The host name under which it is asked. */
    at,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Anthropic's and GitHub's APIs, as far as a token is tried at them. */
export async function startTokenHosts() {
  const state = {
    anthropic: 200,
    github: 200,
    /** What a write is answered with, by repository. */
    write: new Map([['acme/site', 422]]),
    expires: '',
    repositories: ['acme/site'],
    archived: [] as string[],
    written: [] as string[],
  };
  const server = createServer((request, response) => {
    request.resume();
    const path = request.url ?? '';
    const json = (status: number, body: unknown) => {
      const expires = state.expires !== '' && {
        'github-authentication-token-expiration': state.expires,
      };
      response.writeHead(status, { 'content-type': 'application/json', ...expires });
      response.end(JSON.stringify(body));
    };
    if (path.startsWith('/anthropic/v1/models')) json(state.anthropic, { data: [] });
    else if (path.startsWith('/github/user/repos')) {
      const rows = state.repositories.map((full_name) => ({
        full_name,
        archived: state.archived.includes(full_name),
      }));
      json(state.github, rows);
    } else {
      const [, repository] = /^\/github\/repos\/(.+)\/git\/refs$/.exec(path) ?? [];
      if (repository !== undefined) state.written.push(repository);
      json(state.write.get(repository ?? '') ?? 404, {});
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    state,
    anthropic: `http://127.0.0.1:${port}/anthropic`,
    github: `http://127.0.0.1:${port}/github`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
