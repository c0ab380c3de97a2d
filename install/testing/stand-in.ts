import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Account, type Answer, type Call, type Route, emptyAccount } from './account.ts';
import { ACCESS_ROUTES } from './access-routes.ts';
import { RESOURCE_ROUTES } from './resource-routes.ts';
import { TRIGGER_ROUTES } from './trigger-routes.ts';
import { WORKER_ROUTES } from './worker-routes.ts';
import { CONTAINER_ROUTES } from './container-routes.ts';

const BASE = '/client/v4';
const ROUTES: readonly Route[] = [
  ...RESOURCE_ROUTES,
  ...ACCESS_ROUTES,
  ...WORKER_ROUTES,
  ...TRIGGER_ROUTES,
  ...CONTAINER_ROUTES,
];

/** How a call is spoiled. */
export type Fault = {
  /** Counted from 1: this writing call and all after it find nobody. */
  at: number;
  /** The call itself is carried out, and only its answer is lost. */
  done: boolean;
};

export type StandIn = {
  /** For CLOUDFLARE_API_BASE_URL. */
  url: string;
  token: string;
  account: Account;
  /** Every call that came, as `METHOD path`. */
  calls: string[];
  /** Those that change something. */
  writes: () => string[];
  /** Calls that the real API would not have known or taken, each with the reason. */
  wrong: string[];
  /** Spoils the calls from now on; null ends that. */
  spoil: (fault: Fault | null) => void;
  /** Paths that the token may not use. */
  forbid: (paths: RegExp | null) => void;
  /** Paths that are refused for another reason, with status 403. */
  refuse: (paths: RegExp, code: number, message: string) => void;
  close: () => Promise<void>;
};

const isWrite = (method: string) => method !== 'GET';

function match(pattern: string, path: string): Record<string, string> | null {
  const [wanted, given] = [pattern.split('/'), path.split('/')];
  if (wanted.length !== given.length) return null;
  const named: Record<string, string> = {};
  for (const [index, part] of wanted.entries()) {
    const value = given[index] ?? '';
    if (part.startsWith(':')) named[part.slice(1)] = decodeURIComponent(value);
    else if (part !== value) return null;
  }
  return named;
}

async function readBody(type: string, bytes: Uint8Array<ArrayBuffer>): Promise<unknown> {
  if (bytes.length === 0) return undefined;
  if (type.startsWith('multipart/form-data')) {
    return new Response(bytes, { headers: { 'content-type': type } }).formData();
  }
  const text = new TextDecoder().decode(bytes);
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** What a list shows where nothing else is asked, and the most that it shows. */
const PER_PAGE = { asked: 20, max: 50 };

/** One page of a list, and where in it that is. Like Access it says how many rows, not how many pages. */
function pageOf(rows: readonly unknown[], query: URLSearchParams) {
  const page = Number(query.get('page') ?? 1);
  const per_page = Math.min(Number(query.get('per_page') ?? PER_PAGE.asked), PER_PAGE.max);
  const shown = rows.slice((page - 1) * per_page, page * per_page);
  return {
    result: shown,
    result_info: { page, per_page, count: shown.length, total_count: rows.length },
  };
}

function envelope(answer: Answer, query: URLSearchParams): { status: number; json: unknown } {
  if (answer.is === 'refused') {
    const { status, code, message } = answer;
    return {
      status,
      json: { success: false, errors: [{ code, message }], messages: [], result: null },
    };
  }
  const shown = answer.is === 'rows' ? pageOf(answer.rows, query) : { result: answer.result };
  return { status: 200, json: { success: true, errors: [], messages: [], ...shown } };
}

/**
 * Cloudflare's API on loopback, for what an installation calls of it, wrangler's own calls included.
 * It keeps what was made, and takes no call that it has no schema for.
 */
export async function startStandIn(account: Account = emptyAccount()): Promise<StandIn> {
  const token = 'stand-in-token';
  const calls: string[] = [];
  const wrong: string[] = [];
  let fault: Fault | null = null;
  let forbidden: { paths: RegExp; code: number; message: string } | null = null;
  let written = 0;

  function answerTo(method: string, url: URL, body: unknown, authorization: string): Answer {
    const path = url.pathname.slice(BASE.length);
    const refuse = (status: number, code: number, why: string): Answer => {
      wrong.push(`${method} ${path}: ${why}`);
      return { is: 'refused', status, code, message: why };
    };
    const given = authorization.replace(/^Bearer /, '');
    const known = [token, ...account.assets].includes(given);
    if (!known) return { is: 'refused', status: 401, code: 10000, message: 'Authentication error' };
    if (forbidden?.paths.test(path)) {
      const { code, message } = forbidden;
      return { is: 'refused', status: 403, code, message };
    }
    for (const route of ROUTES) {
      const named = route.method === method ? match(route.path, path) : null;
      if (named === null) continue;
      if (named.account !== undefined && named.account !== account.id) {
        return refuse(404, 7003, 'another account');
      }
      const parsed = route.body?.safeParse(body);
      if (parsed !== undefined && !parsed.success) {
        return refuse(400, 10001, `malformed: ${parsed.error.message}`);
      }
      if (
        route.body === undefined &&
        isWrite(method) &&
        body !== undefined &&
        method !== 'DELETE'
      ) {
        return refuse(400, 10001, 'a body where none is taken');
      }
      const call: Call = {
        method,
        path,
        named,
        query: url.searchParams,
        body: parsed?.data,
        token: given,
      };
      return route.answer(account, call);
    }
    return refuse(404, 7000, 'No route for that URI');
  }

  const server = createServer((request, response) => {
    const chunks: Uint8Array[] = [];
    request.on('data', (chunk: Uint8Array) => chunks.push(chunk));
    request.on('end', async () => {
      const method = request.method ?? 'GET';
      const url = new URL(request.url ?? '/', 'http://stand-in');
      if (isWrite(method)) written += 1;
      const spoiled = fault !== null && isWrite(method) && written >= fault.at;
      const gone = fault !== null && written >= fault.at && !(spoiled && written === fault.at);
      if (gone || (spoiled && fault?.done === false)) {
        request.socket.destroy();
        return;
      }
      calls.push(`${method} ${url.pathname.slice(BASE.length)}`);
      const body = await readBody(request.headers['content-type'] ?? '', Buffer.concat(chunks));
      const { status, json } = envelope(
        answerTo(method, url, body, request.headers.authorization ?? ''),
        url.searchParams,
      );
      if (spoiled) {
        request.socket.destroy();
        return;
      }
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(json));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}${BASE}`,
    token,
    account,
    calls,
    writes: () => calls.filter((call) => !call.startsWith('GET ')),
    wrong,
    spoil: (next) => {
      fault = next;
      written = 0;
    },
    forbid: (paths) => {
      forbidden = paths && { paths, code: 10000, message: 'Authentication error' };
    },
    refuse: (paths, code, message) => {
      forbidden = { paths, code, message };
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
