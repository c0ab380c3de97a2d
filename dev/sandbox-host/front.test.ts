import { mkdtempSync, rmSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import tls from 'node:tls';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EGRESS_HEADERS } from '../../protocol/local-egress.ts';
import { openRelay } from '../../sandbox/relay.ts';
import { freePort } from '../ports.ts';
import { type Authority, makeAuthority } from './authority.ts';
import { type Front, openFront } from './front.ts';

type Seen = { method: string; url: string; headers: http.IncomingHttpHeaders; body: string };

const authority: Promise<Authority> = makeAuthority();

describe('a sandbox’s door', () => {
  let folder: string;
  let worker: http.Server;
  let front: Front;
  let port: number;
  let seen: Seen[];

  beforeEach(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'ml-front-'));
    seen = [];
    worker = http.createServer(async (request, response) => {
      const { method = '', url = '', headers } = request;
      seen.push({ method, url, headers, body: await text(request) });
      response.writeHead(200, { 'x-from': 'worker' });
      response.end(`you asked for ${String(headers[EGRESS_HEADERS.url] ?? url)}`);
    });
    await new Promise<void>((resolve) => worker.listen(0, '127.0.0.1', resolve));
    const address = worker.address();
    const at = typeof address === 'object' && address !== null ? address.port : 0;
    const door = path.join(folder, 'door');
    front = await openFront(
      {
        gateway: `http://127.0.0.1:${at}/gateway`,
        key: 'host key',
        token: 'task token',
        authority: await authority,
      },
      door,
    );
    // As a jail has it: the door behind a port of its loopback.
    port = await freePort();
    await openRelay(port, door);
  });

  afterEach(async () => {
    await front.close();
    worker.closeAllConnections();
    await new Promise((resolve) => worker.close(resolve));
    rmSync(folder, { recursive: true, force: true });
  });

  /** Sends the lines as they are; nothing is normalised on the way. */
  const raw = (lines: string[], socket: net.Socket = net.connect(port, '127.0.0.1')) => {
    const answered = text(socket);
    socket.write(`${lines.join('\r\n')}\r\n\r\n`);
    return answered;
  };
  const get = (target: string, ...headers: string[]) =>
    raw([`GET ${target} HTTP/1.1`, 'Host: x', 'Connection: close', ...headers]);

  async function tunnel(authorityForm: string): Promise<net.Socket> {
    const socket = net.connect(port, '127.0.0.1');
    socket.write(`CONNECT ${authorityForm} HTTP/1.1\r\nHost: ${authorityForm}\r\n\r\n`);
    await new Promise((resolve) => socket.once('data', resolve));
    return socket;
  }

  async function deciphered(host: string): Promise<tls.TLSSocket> {
    const { certificate } = await authority;
    const socket = await tunnel(`${host}:443`);
    const plain = tls.connect({ socket, servername: host, ca: certificate });
    await new Promise((resolve, reject) => {
      plain.once('secureConnect', resolve);
      plain.once('error', reject);
    });
    return plain;
  }

  it('leads what is asked of it to the gateway, with the sandbox’s own token and nothing of the host’s', async () => {
    await get('/gateway/brief?x=1', 'Authorization: Bearer mine', 'X-Mainloop-Host-Key: guessed');
    expect(seen).toMatchObject([{ method: 'GET', url: '/gateway/brief?x=1' }]);
    expect(seen[0]?.headers.authorization).toBe('Bearer mine');
    expect(seen[0]?.headers[EGRESS_HEADERS.key]).toBeUndefined();
    expect(seen[0]?.headers[EGRESS_HEADERS.token]).toBeUndefined();
  });

  it.each([
    '/api/messages',
    '/',
    '/gateway',
    '/gateway/../api/messages',
    '/gateway/./../api/messages',
    '/gateway/%2e%2e/api/messages',
    '/gateway/x/../../api/messages',
    '/gateway/..\\api/messages',
    '//127.0.0.1/api/messages',
    'http://gateway.internal/api/messages',
    'http://gateway.internal/gateway/../api/messages',
    'http://GATEWAY.internal/gateway/%2E%2e/api/messages',
    '*',
  ])('leads to no other route of the Worker: %s', async (target) => {
    const answer = await get(target);
    expect(answer).toMatch(/^HTTP\/1\.1 40\d/);
    expect(seen).toEqual([]);
  });

  it('takes a whole URL for the Worker’s way out, with its key, the token and the URL as it is read', async () => {
    const answer = await get(
      'http://Example.com:80/a/../b?c=%2f',
      'Authorization: Bearer of-a-private-index',
      `${EGRESS_HEADERS.url}: http://other.example/`,
      `${EGRESS_HEADERS.token}: another`,
      'Proxy-Connection: keep-alive',
    );
    expect(answer).toContain('you asked for http://example.com/b?c=%2f');
    expect(seen[0]?.url).toBe('/gateway/egress');
    expect(seen[0]?.headers).toMatchObject({
      authorization: 'Bearer of-a-private-index',
      [EGRESS_HEADERS.key]: 'host key',
      [EGRESS_HEADERS.token]: 'task token',
      [EGRESS_HEADERS.url]: 'http://example.com/b?c=%2f',
    });
    expect(seen[0]?.headers['proxy-connection']).toBeUndefined();
  });

  it('deciphers a tunnel with a certificate for its name, and asks the same way', async () => {
    const socket = await deciphered('registry.example');
    expect(socket.getPeerCertificate().subjectaltname).toBe('DNS:registry.example');
    const answer = await raw(
      [
        'PUT /x HTTP/1.1',
        'Host: other.example',
        'Content-Length: 2',
        'Connection: close',
        '',
        'hi',
      ],
      socket,
    );
    expect(answer).toContain('you asked for https://registry.example/x');
    expect(seen).toMatchObject([{ method: 'PUT', body: expect.stringContaining('hi') }]);
  });

  it('knows the gateway in a tunnel as little as any other way around it', async () => {
    const answer = await raw(
      ['GET /api/messages HTTP/1.1', 'Host: x', 'Connection: close'],
      await deciphered('gateway.internal'),
    );
    expect(answer).toMatch(/^HTTP\/1\.1 404/);
    expect(seen).toEqual([]);
  });

  it('takes what is in the clear in a tunnel, too', async () => {
    const lines = ['GET /x HTTP/1.1', 'Host: y', 'Connection: close'];
    expect(await raw(lines, await tunnel('example.com:80'))).toContain('for http://example.com/x');
  });

  it.each([
    ['in the clear', () => net.connect(port, '127.0.0.1'), 'http://example.com/socket'],
    ['in a tunnel', () => deciphered('example.com'), '/socket'],
  ])('refuses an upgrade in words, %s', async (_, open, target) => {
    const lines = [
      `GET ${target} HTTP/1.1`,
      'Host: x',
      'Connection: Upgrade',
      'Upgrade: websocket',
    ];
    const answer = await raw(lines, await open());
    expect(answer).toMatch(/^HTTP\/1\.1 403[^]*WebSockets and other upgrades/);
    expect(seen).toEqual([]);
  });

  it('answers in words when the Worker is away', async () => {
    worker.closeAllConnections();
    await new Promise((resolve) => worker.close(resolve));
    expect(await get('http://example.com/')).toMatch(/502[^]*Mainloop does not answer/);
  });
});
