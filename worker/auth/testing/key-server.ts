import { createServer } from 'node:http';
import type { JWK } from 'jose';

/** A team's key server on loopback, as Cloudflare Access has one. */
export type KeyServer = {
  origin: string;
  /** What it shows from now on. */
  keys: JWK[];
  asked: number;
  close(): Promise<void>;
};

export async function startKeyServer(keys: JWK[]): Promise<KeyServer> {
  const server = createServer((request, response) => {
    shown.asked++;
    const known = request.url === '/cdn-cgi/access/certs';
    response.writeHead(known ? 200 : 404, { 'content-type': 'application/json' });
    response.end(JSON.stringify(known ? { keys: shown.keys } : {}));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const shown: KeyServer = {
    origin: `http://127.0.0.1:${port}`,
    keys,
    asked: 0,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return shown;
}
