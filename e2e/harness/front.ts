import { existsSync, readFileSync } from 'node:fs';
import { brotliCompressSync } from 'node:zlib';
import { type IncomingMessage, type ServerResponse, createServer, request as ask } from 'node:http';
import { type Socket, connect } from 'node:net';
import path from 'node:path';
import { freePort } from '../../dev/ports.ts';

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.webmanifest': 'application/manifest+json',
};

export type Front = {
  url: string;
  /** Serves this build of the page from now on, as a deployment does. */
  serve(dist: string): void;
  /** The line dies without a word: what is open stays open, and nothing goes through. */
  silence(): void;
  /** New connections go through again; those that died stay dead. */
  speak(): void;
  stop(): Promise<void>;
};

/** Stands before a stack as a deployment's address does: a build of the page, and the way to the Worker. */
export async function startFront(stackUrl: string, build: string): Promise<Front> {
  const port = await freePort();
  const target = new URL(stackUrl);
  let dist = build;
  let isSilent = false;
  const open = new Set<Socket>();

  const kept = new Map<string, Buffer>();
  /** As Cloudflare sends it; compressed once. */
  function packed(file: string): Buffer {
    const body = kept.get(file) ?? brotliCompressSync(readFileSync(file));
    if (file.includes('/assets/')) kept.set(file, body);
    return body;
  }

  function serve(request: IncomingMessage, response: ServerResponse): void {
    const { pathname } = new URL(request.url ?? '/', stackUrl);
    const wanted = path.join(dist, path.normalize(pathname));
    const file =
      path.extname(wanted) !== '' && existsSync(wanted) ? wanted : path.join(dist, 'index.html');
    const type = TYPES[path.extname(file)] ?? 'application/octet-stream';
    const isText = !type.startsWith('image/png');
    const isPacked = isText && String(request.headers['accept-encoding']).includes('br');
    response
      .writeHead(200, {
        'content-type': type,
        'cache-control': 'no-cache',
        ...(isPacked && { 'content-encoding': 'br' }),
      })
      .end(isPacked ? packed(file) : readFileSync(file));
  }

  function forward(request: IncomingMessage, response: ServerResponse): void {
    const { method, url, headers } = request;
    const onward = ask({ host: target.hostname, port: target.port, method, path: url, headers });
    onward.on('response', (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    onward.on('error', () => response.destroy());
    request.pipe(onward);
  }

  const server = createServer((request, response) => {
    if (!/^\/(?:api|webhooks|gateway)\//.test(request.url ?? '')) serve(request, response);
    else if (!isSilent) forward(request, response);
  });
  server.on('connection', (socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
    socket.on('error', () => {});
  });
  const tunnels = new Set<[Socket, Socket]>();
  server.on('upgrade', (request, client: Socket, head) => {
    if (isSilent) return;
    const worker = connect(Number(target.port), target.hostname);
    open.add(worker);
    worker.on('error', () => client.destroy());
    const pair: [Socket, Socket] = [client, worker];
    tunnels.add(pair);
    for (const [one, other] of [pair, pair.toReversed()] as [Socket, Socket][]) {
      one.once('close', () => {
        tunnels.delete(pair);
        open.delete(one);
        other.destroy();
      });
    }
    const lines = [`${request.method} ${request.url} HTTP/1.1`];
    for (let at = 0; at < request.rawHeaders.length; at += 2) {
      lines.push(`${request.rawHeaders[at]}: ${request.rawHeaders[at + 1]}`);
    }
    worker.write(`${lines.join('\r\n')}\r\n\r\n`);
    worker.write(head);
    worker.pipe(client).pipe(worker);
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${port}`,
    serve: (other) => {
      dist = other;
    },
    silence: () => {
      isSilent = true;
      for (const [client, worker] of tunnels) {
        client.unpipe(worker);
        worker.unpipe(client);
        client.resume();
        worker.resume();
      }
    },
    speak: () => {
      isSilent = false;
    },
    stop: async () => {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
