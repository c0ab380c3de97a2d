import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { freePort } from '../../dev/ports.ts';

/** What happens to one request; `lost` does its work and loses the answer. */
export type Fault =
  | { is: 'status'; status: number; headers?: Record<string, string> }
  | { is: 'lost' };

/** A fault waits for the first request that it fits, and is used up by it. */
export type FaultRule = { method: string; path: RegExp; fault: Fault; times: number };

export type FaultProxy = {
  url: string;
  rules: FaultRule[];
  /** Every request so far: its method, its path, and when it came. */
  requests: { method: string; path: string; at: number }[];
  stop(): Promise<void>;
};

/** Stands before a server and fails as it is told to. */
export async function startFaultProxy(target: string): Promise<FaultProxy> {
  const port = await freePort();
  const rules: FaultRule[] = [];
  const requests: FaultProxy['requests'] = [];

  async function forward(request: IncomingMessage): Promise<Response> {
    const headers = new Headers();
    for (const name of ['authorization', 'accept', 'content-type', 'if-none-match']) {
      const value = request.headers[name];
      if (typeof value === 'string') headers.set(name, value);
    }
    const body = await buffer(request);
    return fetch(`${target}${request.url}`, {
      method: request.method ?? 'GET',
      headers,
      ...(body.byteLength > 0 && { body }),
    });
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const method = request.method ?? 'GET';
    const path = request.url ?? '/';
    requests.push({ method, path, at: Date.now() });
    const rule = rules.find((one) => one.times > 0 && one.method === method && one.path.test(path));
    if (rule !== undefined) rule.times -= 1;
    if (rule?.fault.is === 'status') {
      await buffer(request);
      response.writeHead(rule.fault.status, {
        'content-type': 'application/json',
        ...rule.fault.headers,
      });
      response.end(JSON.stringify({ message: 'A fault of the test.' }));
      return;
    }
    const answer = await forward(request);
    if (rule?.fault.is === 'lost') {
      await answer.arrayBuffer();
      response.destroy();
      return;
    }
    const type = answer.headers.get('content-type') ?? 'application/json';
    response.writeHead(answer.status, { 'content-type': type });
    response.end(Buffer.from(await answer.arrayBuffer()));
  }

  const server = createServer((request, response) => {
    handle(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${port}`,
    rules,
    requests,
    stop: async () => {
      if (!server.listening) return;
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
