import * as z from 'zod/mini';
import { reasonOf } from '../reason.ts';
import { Stop } from '../stop.ts';

const TIMEOUT_MS = 30_000;
/** What every list takes: accounts, zones and others refuse more. */
const PAGE = 50;

const Envelope = z.object({
  success: z.boolean(),
  errors: z.optional(
    z.nullable(z.array(z.object({ code: z.optional(z.int()), message: z.string() }))),
  ),
  result: z.optional(z.unknown()),
  result_info: z.optional(
    z.nullable(z.object({ total_pages: z.optional(z.int()), total_count: z.optional(z.int()) })),
  ),
});

export type Refusal = { is: 'refused'; status: number; code: number; message: string };
export type Reply<T> = { is: 'answer'; result: T } | Refusal;

/** Cloudflare's API, for what wrangler does not do, and for what it prints for people only. */
export type Client = {
  get<T>(path: string, schema: z.ZodMiniType<T>): Promise<Reply<T>>;
  /** All pages of a list. */
  list<T>(path: string, row: z.ZodMiniType<T>): Promise<Reply<T[]>>;
  send<T>(
    method: 'POST' | 'PUT' | 'PATCH' | 'DELETE',
    path: string,
    body: unknown,
    schema: z.ZodMiniType<T>,
  ): Promise<Reply<T>>;
};

/** What is not looked at. */
export const Nothing = z.unknown();

export function cloudflare(base: string, token: string): Client {
  async function call(method: string, path: string, body?: unknown) {
    const response = await fetch(`${base}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    }).catch((error: unknown) => {
      throw new Stop(
        `Cloudflare did not answer ${method} ${path} (${reasonOf(error)}). Run the command again: what is done stays done.`,
      );
    });
    const text = await response.text();
    const read = Envelope.safeParse(parseJson(text));
    if (!read.success) {
      throw new Stop(
        `Cloudflare answered ${method} ${path} with ${response.status} and something else than its API does: ${text.slice(0, 200)}`,
      );
    }
    return { status: response.status, ...read.data };
  }

  function reply<T>(
    { status, success, errors, result }: Awaited<ReturnType<typeof call>>,
    path: string,
    schema: z.ZodMiniType<T>,
  ): Reply<T> {
    if (!success) {
      const [first] = errors ?? [];
      return {
        is: 'refused',
        status,
        code: first?.code ?? 0,
        message: first?.message ?? `status ${status}`,
      };
    }
    const read = schema.safeParse(result);
    if (read.success) return { is: 'answer', result: read.data };
    throw new Stop(
      `Cloudflare answered ${path} in a form that this version of Mainloop does not know: ${read.error.message}`,
    );
  }

  return {
    get: async (path, schema) => reply(await call('GET', path), path, schema),
    async list<T>(path: string, row: z.ZodMiniType<T>) {
      const rows: T[] = [];
      for (let page = 1; ; page += 1) {
        const join = path.includes('?') ? '&' : '?';
        const answer = await call('GET', `${path}${join}page=${page}&per_page=${PAGE}`);
        const read = reply(answer, path, z.array(row));
        if (read.is === 'refused') return read;
        rows.push(...read.result);
        if (isLast(answer.result_info ?? null, page, rows.length, read.result.length)) {
          return { is: 'answer', result: rows };
        }
      }
    },
    send: async (method, path, body, schema) => reply(await call(method, path, body), path, schema),
  };
}

/**
 * Lists say how many pages there are, or how many rows, or neither: those come whole. A page may hold
 * fewer rows than were asked for.
 */
function isLast(
  info: { total_pages?: number | undefined; total_count?: number | undefined } | null,
  page: number,
  rowsSoFar: number,
  rowsOfPage: number,
): boolean {
  if (rowsOfPage === 0) return true;
  if (info?.total_pages !== undefined) return page >= info.total_pages;
  return rowsSoFar >= (info?.total_count ?? 0);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** 'Authentication error' and 'Unauthorized to access requested resource'. */
const TOKEN_CODES = [10000, 9109];

/** True where the token is the reason. A 403 may also mean that a product was never switched on. */
export const isNotAllowed = ({ status, code }: Refusal) =>
  status === 401 || (status === 403 && TOKEN_CODES.includes(code));

/** 'Invalid access token', and what is said of headers that cannot hold one. */
const isUnknown = ({ status, code, message }: Refusal) =>
  status === 401 || code === 6003 || (code === 9109 && /invalid/i.test(message));

/** The answer, or the end of the command with what was to be done and why it was refused. */
export function must<T>(reply: Reply<T>, what: string): T {
  if (reply.is === 'answer') return reply.result;
  const { code, message } = reply;
  const mend = () => {
    if (isUnknown(reply)) {
      return ' The token is not one that Cloudflare knows: it is misspelt, expired or revoked. Look at CLOUDFLARE_API_TOKEN, or sign in again with `npx wrangler login`.';
    }
    return isNotAllowed(reply)
      ? ' The token lacks the permission: docs/install.md lists those that it needs.'
      : '';
  };
  throw new Stop(`Cloudflare refused to ${what}: ${message} (code ${code}).${mend()}`);
}

/** The answer, or null where there is no such thing. */
export function orNone<T>(reply: Reply<T>, what: string): T | null {
  return reply.is === 'refused' && reply.status === 404 ? null : must(reply, what);
}
