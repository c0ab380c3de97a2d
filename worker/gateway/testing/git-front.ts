import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { credentialsFrom } from '../../github/credentials.ts';
import { forwardGit } from '../git.ts';
import type { TaskScope } from '../pass.ts';
import { REFUSAL_STATUS } from '../refusal.ts';

/** Node sends a body that is a stream only when it is told so. */
function streaming(init?: RequestInit): RequestInit & { duplex: 'half' } {
  return { ...init, duplex: 'half' };
}

/** git's own smart HTTP server for one request. https://git-scm.com/docs/git-http-backend */
function hostOf(origin: string): typeof fetch {
  return async (input, init) => {
    const request = new Request(input, streaming(init));
    const url = new URL(request.url);
    const child = spawn('git', ['-c', 'http.receivepack=true', 'http-backend'], {
      env: {
        PATH: process.env.PATH,
        GIT_PROJECT_ROOT: origin,
        GIT_HTTP_EXPORT_ALL: '1',
        PATH_INFO: url.pathname.replace(/^.*?\.git/, ''),
        QUERY_STRING: url.search.slice(1),
        REQUEST_METHOD: request.method,
        CONTENT_TYPE: request.headers.get('content-type') ?? '',
        GIT_PROTOCOL: request.headers.get('git-protocol') ?? '',
        REMOTE_USER: 'task',
      },
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    // It may have answered before it has read all: what it says then is what counts.
    child.stdin.on('error', () => {});
    child.stdin.end(Buffer.from(await request.arrayBuffer()));
    const answer = await buffer(child.stdout);
    const end = answer.indexOf('\r\n\r\n');
    const lines = answer.subarray(0, end).toString().split('\r\n');
    const headers = new Headers(
      lines.map((line): [string, string] => {
        const [name = '', ...value] = line.split(': ');
        return [name, value.join(': ')];
      }),
    );
    const status = Number.parseInt(headers.get('status') ?? '200', 10);
    headers.delete('status');
    return new Response(Uint8Array.from(answer.subarray(end + 4)), { status, headers });
  };
}

/** The gateway's way to a bare repository, on a port of its own for a real git. */
export async function startGitFront(origin: string, scope: TaskScope) {
  const env = { GITHUB_URL: 'http://host.test' };
  const server = createServer((incoming, outgoing) => {
    void (async () => {
      const { method = 'GET', url = '' } = incoming;
      const body = await buffer(incoming);
      const request = new Request(`http://gateway.test${url}`, {
        method,
        headers: Object.entries(incoming.headers).map(([name, value]) => [name, String(value)]),
        ...(method === 'POST' && { body: Uint8Array.from(body) }),
      });
      const [, rest = ''] = new URL(request.url).pathname.split('.git/');
      const target = { repository: scope.repository, rest };
      const result = await forwardGit(env, scope, request, target, {
        isCleared: async () => true,
        credentials: credentialsFrom('host-token', 'token', 'The host refuses the token.'),
        fetch: hostOf(origin),
      });
      if (result.is === 'refused') {
        outgoing.writeHead(REFUSAL_STATUS[result.error]).end(result.text);
        return;
      }
      outgoing.writeHead(result.value.status, Object.fromEntries(result.value.headers));
      outgoing.end(Buffer.from(await result.value.arrayBuffer()));
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // `listen` on a port gives an address of a port.
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    stop: () => new Promise((resolve) => server.close(resolve)),
  };
}
