import type * as z from 'zod/mini';

/** A Cloudflare account as far as an installation touches it. */
export type Account = {
  id: string;
  zone: { id: string; name: string; name_servers: string[] };
  /** Names that DNS knows, other than those of custom domains. */
  records: Set<string>;
  team: string;
  /** Under workers.dev; null until one was chosen. */
  subdomain: string | null;
  hyperdrives: Map<string, Hyperdrive>;
  /** Of Hyperdrive configurations, by name: what the API never shows. */
  passwords: Map<string, string>;
  queues: Map<string, Queue>;
  buckets: Set<string>;
  accessApps: Map<string, AccessApp>;
  worker: Worker | null;
  /** Names of Workers by the custom domain that leads to them. */
  domains: Map<string, string>;
  workflows: Map<string, string>;
  /** Digests of images in the registry. */
  images: Set<string>;
  applications: Map<string, { name: string }>;
  assets: Set<string>;
};

export type Hyperdrive = {
  name: string;
  origin: { scheme: string; host: string; port: number; database: string; user: string };
  caching: { disabled?: boolean | undefined };
};
export type Queue = {
  name: string;
  consumers: { id: string; script: string; deadLetterQueue: string | null }[];
};
export type AccessApp = {
  name: string;
  domain: string;
  aud: string;
  /** Of an application that has several addresses: all of them. */
  self_hosted_domains?: string[];
  policies: ({ id: string; decision: string; include: unknown[] } & Record<string, unknown>)[];
};
export type Worker = {
  name: string;
  versions: { id: string; tag: string | null; bindings: Record<string, unknown>[] }[];
  compatibilityDate: string;
  /** Values by name: what the API never shows, and the live Worker has. */
  secrets: Map<string, string>;
  containers: unknown;
  migrationTag: string | null;
  workersDev: boolean;
};

/** What one call comes to. */
export type Answer =
  | { is: 'result'; result: unknown }
  /** Of a list that comes in pages: all rows. */
  | { is: 'rows'; rows: unknown[] }
  | { is: 'refused'; status: number; code: number; message: string };

export type Call = {
  method: string;
  path: string;
  /** What the path's `:names` stand for. */
  named: Record<string, string>;
  query: URLSearchParams;
  /** As the route's schema read it. */
  body: unknown;
  token: string;
};

/** One operation of the API. What its schema does not take is a call that the API would refuse. */
export type Route = {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** After `/client/v4`, with `:name` for a part. */
  path: string;
  body?: z.ZodMiniType;
  answer: (account: Account, call: Call) => Answer;
};

export const result = (value: unknown): Answer => ({ is: 'result', result: value });
/** A list of which each call shows one page. */
export const inPages = (rows: unknown[]): Answer => ({ is: 'rows', rows });
export const refused = (status: number, code: number, message: string): Answer => ({
  is: 'refused',
  status,
  code,
  message,
});

let made = 0;
/** An id as the API makes them: 32 hexadecimal digits. */
export function newId(): string {
  made += 1;
  return made.toString(16).padStart(32, 'c');
}

/** An id in the form of a UUID. */
export function newUuid(): string {
  const id = newId();
  return `${id.slice(0, 8)}-${id.slice(8, 12)}-4${id.slice(13, 16)}-8${id.slice(17, 20)}-${id.slice(20)}`;
}

/** An account in which nothing was made yet. */
export function emptyAccount(): Account {
  return {
    id: 'a'.repeat(32),
    zone: { id: 'b'.repeat(32), name: 'example.com', name_servers: ['ada.ns.cloudflare.com'] },
    records: new Set(),
    team: 'acme.cloudflareaccess.com',
    subdomain: null,
    hyperdrives: new Map(),
    passwords: new Map(),
    queues: new Map(),
    buckets: new Set(),
    accessApps: new Map(),
    worker: null,
    domains: new Map(),
    workflows: new Map(),
    images: new Set(),
    applications: new Map(),
    assets: new Set(),
  };
}

export const NO_WORKER = refused(404, 10007, 'This Worker does not exist on your account.');

export const workerOf = ({ worker }: Account, name: string | undefined) =>
  worker?.name === name ? worker : null;
