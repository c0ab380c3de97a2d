import http from 'node:http';
import net from 'node:net';
import { TLSSocket } from 'node:tls';
import { EGRESS_HEADERS } from '../../protocol/local-egress.ts';
import type { Authority } from './authority.ts';

/** What a TLS connection begins with: a handshake record (RFC 8446, 5.1). */
const TLS_HANDSHAKE = 0x16;
const GATEWAY_HOST = 'gateway.internal';
/** Headers between neighbours that Node does not see to by itself. */
const NOT_PASSED = ['connection', 'host', 'expect', 'keep-alive', 'upgrade', 'proxy-connection'];
const OURS = /^x-mainloop-(?:host-key|token|url)$/;

export type FrontOptions = {
  /** Base of the Worker's gateway, which is `/gateway` at this door. */
  gateway: string;
  /** What opens the Worker's way out, and for which sandbox. */
  key: string;
  token: string;
  authority: Authority;
};

/** The one door of one sandbox: its gateway, and its proxy for HTTP and HTTPS. */
export type Front = { close(): Promise<void>; port: number };

/** Where the requests of a connection go that were not asked for by a whole URL. */
const tunnels = new WeakMap<net.Socket, string>();

function answerInWords(response: http.ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', connection: 'close' });
  response.end(`${text}\n`);
}

/**
 * Where a request goes: what is asked of this door itself is for the gateway, all else for the Worker's
 * way out. Null for what is neither.
 */
function targetOf(request: http.IncomingMessage): URL | null {
  const asked = request.url ?? '';
  const tunnel = tunnels.get(request.socket);
  return URL.parse(asked.startsWith('/') ? `${tunnel ?? `http://${GATEWAY_HOST}`}${asked}` : asked);
}

/** @param at a path for a socket of the file system, or null for a free port on loopback. */
export async function openFront(options: FrontOptions, at: string | null): Promise<Front> {
  const worker = new URL(options.gateway);
  const base = worker.pathname.replace(/\/$/, '');
  // A connection that the Worker closed in the meantime would cost a request.
  const agent = new http.Agent({ keepAlive: false });

  /** The Worker's request for this one, or the sentence that refuses it. */
  function passedOn(request: http.IncomingMessage): http.RequestOptions | string {
    const target = targetOf(request);
    if (target === null) return 'That is no address.';
    const headers: http.OutgoingHttpHeaders = {};
    for (const [name, value] of Object.entries(request.headers)) {
      if (!NOT_PASSED.includes(name) && !OURS.test(name)) headers[name] = value;
    }
    const to = { host: worker.hostname, port: worker.port, agent, method: request.method, headers };
    if (target.hostname !== GATEWAY_HOST) {
      headers[EGRESS_HEADERS.key] = options.key;
      headers[EGRESS_HEADERS.token] = options.token;
      headers[EGRESS_HEADERS.url] = target.href;
      return { ...to, path: `${base}/egress` };
    }
    // The Worker's other routes take everybody on this machine for its person. `URL` has resolved `..`.
    const [, route] = /^\/gateway(\/.*)$/.exec(target.pathname) ?? [];
    if (route === undefined) return 'There is nothing here for a sandbox.';
    return { ...to, path: `${base}${route}${target.search}` };
  }

  const handle = (request: http.IncomingMessage, response: http.ServerResponse) => {
    const to = passedOn(request);
    if (typeof to === 'string') return answerInWords(response, 404, to);
    const sent = http.request(to, (answer) => {
      // The Worker closes each connection; the sandbox's own goes on.
      const { connection: _, 'keep-alive': __, ...headers } = answer.headers;
      response.writeHead(answer.statusCode ?? 502, answer.statusMessage, headers);
      answer.pipe(response);
      answer.on('aborted', () => response.destroy());
    });
    sent.on('error', () => {
      if (response.headersSent) response.destroy();
      else answerInWords(response, 502, 'Mainloop does not answer.');
    });
    response.on('close', () => sent.destroy());
    request.pipe(sent);
  };

  // One server for what comes in the clear and for what comes out of tunnels: it never listens twice.
  const server = http.createServer({ requestTimeout: 0 }, handle);
  server.on('upgrade', (_, socket) => {
    const text = 'WebSockets and other upgrades do not leave this sandbox.\n';
    socket.end(
      `HTTP/1.1 403 Forbidden by Mainloop\r\ncontent-type: text/plain; charset=utf-8\r\ncontent-length: ${Buffer.byteLength(text)}\r\nconnection: close\r\n\r\n${text}`,
    );
  });
  server.on('connect', (request, socket: net.Socket, head) => {
    socket.on('error', () => socket.destroy());
    const target = URL.parse(`http://${request.url ?? ''}`);
    const [, port = ''] = /:(\d+)$/.exec(request.url ?? '') ?? [];
    if (target === null || port === '') {
      socket.end('HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n');
      return;
    }
    socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
    if (head.byteLength > 0) socket.unshift(head);
    // Some clients tunnel what is in the clear, too.
    socket.once('readable', () => {
      const first: unknown = socket.read(1);
      if (!Buffer.isBuffer(first)) return socket.destroy();
      socket.unshift(first);
      if (first[0] === TLS_HANDSHAKE) void decipher(socket, target.hostname, port);
      else {
        tunnels.set(socket, `http://${target.hostname}:${port}`);
        server.emit('connection', socket);
      }
    });
  });

  async function decipher(socket: net.Socket, hostname: string, port: string): Promise<void> {
    try {
      const bare = hostname.replace(/^\[|\]$/g, '');
      const plain = new TLSSocket(socket, {
        isServer: true,
        secureContext: await options.authority.contextFor(bare),
        ALPNProtocols: ['http/1.1'],
      });
      plain.on('error', () => socket.destroy());
      tunnels.set(plain, `https://${hostname}:${port}`);
      server.emit('connection', plain);
    } catch {
      socket.destroy();
    }
  }

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    if (at === null) server.listen(0, '127.0.0.1', resolve);
    else server.listen(at, resolve);
  });
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      agent.destroy();
    },
  };
}
