import * as z from 'zod/mini';
import { isFingerprintOf } from '../fingerprint.ts';
import { Stop } from '../stop.ts';
import { type Client, Nothing, must } from './client.ts';

/** Where a Hyperdrive configuration connects to; some of it is absent where a tunnel does that. */
const Origin = z.object({
  host: z.optional(z.string()),
  port: z.optional(z.int()),
  database: z.optional(z.string()),
  user: z.optional(z.string()),
});
const Hyperdrive = z.object({
  id: z.string(),
  name: z.string(),
  origin: Origin,
  caching: z.optional(z.object({ disabled: z.optional(z.boolean()) })),
});
export type Hyperdrive = z.infer<typeof Hyperdrive>;

const configs = (accountId: string) => `/accounts/${accountId}/hyperdrive/configs`;

export async function hyperdrives(client: Client, accountId: string) {
  return must(
    await client.list(configs(accountId), Hyperdrive),
    'list the Hyperdrive configurations',
  );
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new Stop('DATABASE_URL holds a % that begins no code: in a password it is written %25.');
  }
}

/** Parts of a Postgres address, as Hyperdrive wants them. */
function originOf(databaseUrl: string) {
  const url = URL.canParse(databaseUrl) ? new URL(databaseUrl) : null;
  const scheme = z.enum(['postgres', 'postgresql']).safeParse(url?.protocol.replace(/:$/, ''));
  if (url === null || !scheme.success || url.hostname === '' || url.pathname.length < 2) {
    throw new Stop('DATABASE_URL must look like postgres://user:password@host:5432/database.');
  }
  if (url.password === '') throw new Stop('DATABASE_URL has no password: Hyperdrive needs one.');
  return {
    scheme: scheme.data,
    host: url.hostname,
    port: Number(url.port || 5432),
    database: decoded(url.pathname.slice(1)),
    user: decoded(url.username),
    password: decoded(url.password),
  };
}

/**
 * What is wrong with a configuration, in words; null when nothing is. `sent` is the fingerprint of the
 * address that it was last given: it never shows its password.
 */
export function unlike(found: Hyperdrive, databaseUrl: string, sent: string | null): string | null {
  if (found.caching?.disabled !== true) return 'its caching is on';
  const wanted = originOf(databaseUrl);
  const differs = (['host', 'port', 'database', 'user'] as const).find(
    (part) => found.origin[part] !== wanted[part],
  );
  if (differs !== undefined) return `it connects to another ${differs}`;
  if (sent === null) return 'which password it has is not known here';
  return isFingerprintOf(sent, databaseUrl) ? null : 'it has another password';
}

/** Caching is off: a search must see what was written a second ago. @returns its id. */
export async function makeHyperdrive(
  client: Client,
  accountId: string,
  name: string,
  databaseUrl: string,
) {
  const body = { name, origin: originOf(databaseUrl), caching: { disabled: true } };
  const made = await client.send('POST', configs(accountId), body, z.object({ id: z.string() }));
  return must(made, `make the Hyperdrive configuration ${name}`).id;
}

export async function mendHyperdrive(
  client: Client,
  accountId: string,
  id: string,
  databaseUrl: string,
) {
  const body = { origin: originOf(databaseUrl), caching: { disabled: true } };
  const path = `${configs(accountId)}/${id}`;
  must(await client.send('PATCH', path, body, Nothing), 'change the Hyperdrive configuration');
}

export async function removeHyperdrive(client: Client, accountId: string, id: string) {
  const path = `${configs(accountId)}/${id}`;
  must(
    await client.send('DELETE', path, undefined, Nothing),
    'remove the Hyperdrive configuration',
  );
}
