import * as z from 'zod/mini';
import { type Client, Nothing, isNotAllowed, must, orNone } from './client.ts';

const Account = z.object({ id: z.string(), name: z.string() });
const Zone = z.object({
  id: z.string(),
  name: z.string(),
  /** Empty where Cloudflare is not asked for the zone's names. */
  name_servers: z.optional(z.nullable(z.array(z.string()))),
});
export type Zone = z.infer<typeof Zone>;
const Subdomain = z.object({ subdomain: z.string() });

/** The accounts that the token opens. */
export async function accounts(client: Client) {
  return must(await client.list('/accounts', Account), 'list the accounts');
}

/** The zone that a host name belongs to, the longest first; null where the account has none. */
export async function zoneOf(client: Client, host: string) {
  const parts = host.split('.');
  for (let from = 0; from < parts.length - 1; from += 1) {
    const name = parts.slice(from).join('.');
    const zones = must(
      await client.list(`/zones?name=${encodeURIComponent(name)}`, Zone),
      'look for the domain',
    );
    if (zones[0] !== undefined) return zones[0];
  }
  return null;
}

/** True where the zone has a record of this name; null where the token may not say. */
export async function hasRecord(client: Client, { id }: Zone, host: string) {
  const path = `/zones/${id}/dns_records?name=${encodeURIComponent(host)}`;
  const records = await client.list(path, Nothing);
  if (records.is === 'refused' && isNotAllowed(records)) return null;
  return must(records, 'look whether the host name is taken').length > 0;
}

/** The account's name under workers.dev. Workflows need one, though nothing is reached there. */
export async function accountSubdomain(client: Client, accountId: string) {
  const read = await client.get(`/accounts/${accountId}/workers/subdomain`, Subdomain);
  return orNone(read, 'read the workers.dev subdomain')?.subdomain ?? null;
}

export async function makeSubdomain(client: Client, accountId: string, subdomain: string) {
  const path = `/accounts/${accountId}/workers/subdomain`;
  must(
    await client.send('PUT', path, { subdomain }, Subdomain),
    `register the workers.dev subdomain ${subdomain}`,
  );
}
