import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import { existsSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import { createEmulator } from 'emulate';
import type { PartLog } from '../log.ts';
import { freePort } from '../ports.ts';
import { findJail } from '../sandbox-host/jail.ts';
import { TOKEN, isKnown, mayCall, mayUseGit, tokenOf } from './access.ts';
import { HostApp } from './app.ts';
import { serveGit } from './backend.ts';
import { LocalCi } from './ci.ts';
import { ApiJournal } from './journal.ts';
import { Merges } from './merge.ts';
import { type ApiCall, Mirror } from './mirror.ts';
import { pullRequestPage, repositoryPage } from './pages.ts';
import { BAD, GUEST, isAllowed, permissionAnswer } from './permission.ts';
import { type Answered, PullRequestCalls } from './pull-request-calls.ts';
import { type DemoRepository, seedRepository } from './seed.ts';
import { Webhook, type WebhookTarget } from './webhook.ts';

const API = '/api/v3';
const REPOSITORY_CALL = /^\/repos\/(?<full>[^/]+\/[^/?]+)/;
/** Reads of pull requests, one or a list. */
const PULLS_PATH = /^\/repos\/(?<full>[^/]+\/[^/]+)\/pulls(?:\/\d+)?(?:\?|$)/;
const SEGMENT = '[A-Za-z0-9][A-Za-z0-9._-]{0,99}';
const GIT_PATH = new RegExp(
  `^/(?<full>${SEGMENT}/${SEGMENT})\\.git/(?<rest>info/refs|git-upload-pack|git-receive-pack)$`,
);
const PULL_PATH = new RegExp(`^/(?<full>${SEGMENT}/${SEGMENT})/pull/(?<number>[1-9]\\d{0,8})$`);
const REPOSITORY_PATH = new RegExp(`^/(?<full>${SEGMENT}/${SEGMENT})$`);
const PAGE_HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'",
};

export type GitHost = {
  /** Base of the GitHub API, without a trailing slash. */
  apiUrl: string;
  /** Git at `<url>/<owner>/<name>.git`, pages at `<url>/<owner>/<name>/pull/<n>`. */
  url: string;
  /** Accepted by the API, and by git as the password. */
  token: string;
  /** Accepted by the API alone: of somebody who may not write to the repositories. */
  guestToken: string;
  /** Null unless it was asked for. */
  app: HostApp | null;
  stop(): Promise<void>;
};

type Served = { full: string; bare: string; mirror: Mirror; ci: LocalCi };

function sendJson(response: ServerResponse, { status, json }: Answered): void {
  response
    .writeHead(status, { 'content-type': 'application/json' })
    .end(json === null ? '' : JSON.stringify(json));
}

function isJson(answer: Response): boolean {
  return answer.headers.get('content-type')?.includes('json') ?? false;
}

/** The emulated API by plain function calls, as whoever a header says. */
function callerAs(inner: string) {
  return async (authorization: string, method: string, target: string, body: string) => {
    const answer = await fetch(`${inner}${target}`, {
      method,
      headers: { authorization, 'content-type': 'application/json' },
      ...(body !== '' && { body }),
    });
    const text = await answer.text();
    return { status: answer.status, json: text === '' ? null : JSON.parse(text) };
  };
}

/**
 * A git host on loopback: the emulated GitHub API, git over HTTP on bare repositories, and pages to
 * look at, all at one address. Branches and pull requests survive a restart on the same folder.
 */
export async function startGitHost(options: {
  dataDir: string;
  port?: number;
  demoDir: string;
  repositories: DemoRepository[];
  /** Told of every change, as a webhook. */
  webhook?: WebhookTarget;
  /** True to have a GitHub App, installed on all repositories. */
  withApp?: boolean;
  log: PartLog;
}): Promise<GitHost> {
  const { dataDir, log } = options;
  const port = options.port ?? (await freePort());
  const url = `http://127.0.0.1:${port}`;
  const root = path.join(dataDir, 'repositories');
  mkdirSync(root, { recursive: true });

  const innerPort = await freePort();
  const inner = `http://127.0.0.1:${innerPort}`;
  const owners = [...new Set(options.repositories.map(({ owner }) => owner))];
  const names = options.repositories.map(({ owner, name }) => `${owner}/${name}`);
  const app = options.withApp === true ? new HostApp(url, names) : null;
  const emulator = await createEmulator({
    service: 'github',
    port: innerPort,
    baseUrl: url,
    seed: {
      tokens: {
        [TOKEN]: { login: owners[0] ?? 'acme', scopes: ['repo', 'user'] },
        [GUEST.token]: { login: GUEST.login, scopes: ['repo'] },
      },
      github: {
        users: [...owners, GUEST.login].map((login) => ({
          login,
          name: login,
          email: `${login}@example.com`,
        })),
        repos: options.repositories.map(({ owner, name }) => ({
          owner,
          name,
          auto_init: false,
          default_branch: 'main',
          description: `Demo repository ${name}`,
        })),
        ...(app !== null && { apps: [app.seed] }),
      },
    },
  });
  const served = new Map<string, Served>();
  /** The repository whose pull requests are read, when that is what a call does. */
  const pullsOf = (method: string, target: string) =>
    method === 'GET' ? served.get(PULLS_PATH.exec(target)?.groups?.full ?? '') : undefined;
  const merges = new Merges(dataDir);
  const callAs = callerAs(inner);
  const plain: ApiCall = (method, target, body) =>
    callAs(`Bearer ${TOKEN}`, method, target, body === undefined ? '' : JSON.stringify(body));
  const call: ApiCall = async (method, target, body) => {
    const answer = await plain(method, target, body);
    const read = pullsOf(method, target);
    return read === undefined
      ? answer
      : { ...answer, json: await merges.shown(answer.json, read.full, read.bare) };
  };
  const journal = new ApiJournal(dataDir);
  const webhook = new Webhook(options.webhook ?? null, log);
  const changed = (target: string) => {
    const full = REPOSITORY_CALL.exec(target)?.groups?.full;
    if (full !== undefined) webhook.changed(full);
  };
  /** As a client's call: a change is made again at the next start. */
  const remembered: ApiCall = async (method, target, body) => {
    const answer = await call(method, target, body);
    if (method !== 'GET' && answer.status < 300) {
      journal.add({ method, path: target, body: body === undefined ? '' : JSON.stringify(body) });
      changed(target);
    }
    return answer;
  };
  const jail = findJail().is === 'there';
  for (const { owner, name, dir } of options.repositories) {
    const bare = path.join(root, owner, `${name}.git`);
    seedRepository(bare, path.join(options.demoDir, dir));
    const mirror = new Mirror(bare, `${owner}/${name}`, call);
    await mirror.update();
    const full = `${owner}/${name}`;
    const folder = path.join(dataDir, 'checks', owner, name);
    const ci = new LocalCi({ bare, fullName: full, call: remembered, folder, jail, log });
    served.set(full, { full, bare, mirror, ci });
  }
  await journal.replay(call, log);
  const pullRequests = new PullRequestCalls(served, merges, remembered);
  for (const { ci } of served.values()) await ci.look();

  async function proxy(request: IncomingMessage, response: ServerResponse, target: string) {
    const body = await buffer(request);
    const headers = new Headers();
    for (const name of ['authorization', 'accept', 'content-type', 'if-none-match', 'user-agent']) {
      const value = request.headers[name];
      if (typeof value === 'string') headers.set(name, value);
    }
    const method = request.method ?? 'GET';
    if (!isAllowed(request, method, target)) {
      return sendJson(response, { status: 403, json: { message: 'Must have push access' } });
    }
    // The emulated API takes any for its administrator's.
    if (!isKnown(request, app)) return sendJson(response, BAD);
    const asApp = await app?.answer(tokenOf(request).token, method, target, `${body}`, callAs);
    if (asApp != null) return sendJson(response, asApp);
    const may = mayCall(request, app, method, target);
    const own = may
      ? ((await permissionAnswer(call, method, target)) ??
        (await pullRequests.answer(method, target, body.toString('utf8'))))
      : null;
    if (own !== null) return sendJson(response, own);
    const answer = await fetch(`${inner}${target}`, {
      method,
      headers,
      ...(body.byteLength > 0 && { body }),
    });
    let bytes = Buffer.from(await answer.arrayBuffer());
    const read = pullsOf(method, target);
    if (read !== undefined && answer.ok && isJson(answer)) {
      bytes = Buffer.from(
        JSON.stringify(await merges.shown(JSON.parse(bytes.toString()), read.full, read.bare)),
      );
    }
    if (answer.ok && method !== 'GET' && method !== 'HEAD') {
      // At the next start it would be said by who owns the repositories.
      if (may) journal.add({ method, path: target, body: body.toString('utf8') });
      changed(target);
    }
    const passed: Record<string, string> = {};
    for (const [name, value] of answer.headers) {
      if (
        !['content-length', 'content-encoding', 'transfer-encoding', 'connection'].includes(name)
      ) {
        passed[name] = value;
      }
    }
    response.writeHead(answer.status, passed).end(bytes);
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, search } = new URL(request.url ?? '/', url);
    if (pathname === '/api/graphql' && mayCall(request, app, 'POST', '/graphql')) {
      const body = (await buffer(request)).toString('utf8');
      return sendJson(response, await pullRequests.graphql(body));
    }
    if (pathname.startsWith(`${API}/`))
      return proxy(request, response, pathname.slice(API.length) + search);

    const asGit = GIT_PATH.exec(pathname)?.groups;
    const repository = served.get(asGit?.full ?? '');
    if (asGit !== undefined && repository !== undefined && existsSync(repository.bare)) {
      const pushes = `${asGit.rest}${search}`.includes('git-receive-pack');
      if (!mayUseGit(request, app, repository.full, pushes)) {
        response
          .writeHead(401, { 'www-authenticate': 'Basic realm="git"' })
          .end('The token is missing or wrong.');
        return;
      }
      serveGit(request, response, {
        root,
        path: pathname,
        query: search.slice(1),
        beforeEnd: async () => {
          if (asGit.rest !== 'git-receive-pack') return;
          await repository.mirror.update();
          await repository.ci.look();
          webhook.changed(repository.full);
        },
      });
      return;
    }
    const asPull = PULL_PATH.exec(pathname)?.groups;
    const asRepository = REPOSITORY_PATH.exec(pathname)?.groups;
    const full = asPull?.full ?? asRepository?.full ?? '';
    const shown = served.get(full);
    const html =
      shown === undefined
        ? null
        : asPull === undefined
          ? await repositoryPage(shown.bare, full, call)
          : await pullRequestPage(shown.bare, full, Number(asPull.number), call);
    if (html === null)
      response.writeHead(404, { 'content-type': 'text/plain' }).end('There is nothing here.');
    else response.writeHead(200, PAGE_HEADERS).end(html);
  }

  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => {
      log(String(error));
      if (!response.headersSent) response.writeHead(500);
      response.end();
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return {
    apiUrl: `${url}${API}`,
    url,
    token: TOKEN,
    guestToken: GUEST.token,
    app,
    stop: async () => {
      webhook.stop();
      await Promise.all([...served.values()].map(({ ci }) => ci.stop()));
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
      await emulator.close();
    },
  };
}
