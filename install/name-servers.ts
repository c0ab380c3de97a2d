import { Resolver, lookup } from 'node:dns/promises';

const ASK = { timeout: 3_000, tries: 2 };
/** The name is not there at all, or has no address of the kind that was asked for. */
const NO_ADDRESS = ['ENOTFOUND', 'ENODATA'];

const codeOf = (error: unknown) =>
  error instanceof Error && 'code' in error ? String(error.code) : '';

export type IsNamed = (host: string, nameServers: readonly string[]) => Promise<boolean | null>;

/** True where a server knows an address for a name, null where it does not say. */
async function isNamedBy(server: string, host: string): Promise<boolean | null> {
  const resolver = new Resolver(ASK);
  resolver.setServers([server]);
  for (const type of ['A', 'AAAA'] as const) {
    try {
      await resolver.resolve(host, type);
      return true;
    } catch (error) {
      if (!NO_ADDRESS.includes(codeOf(error))) return null;
    }
  }
  return false;
}

/**
 * Whether a host name has an address, asked of its zone's own name servers; null where none of them can
 * be asked. The machine's resolver would remember for half an hour that a new name is not there yet, and
 * so keep it from whoever sits at this machine long after the rest of the world can reach it.
 */
export async function isNamed(
  host: string,
  nameServers: readonly string[],
  addressOf = (server: string) => lookup(server).then(({ address }) => address),
): Promise<boolean | null> {
  for (const server of nameServers) {
    const address = await addressOf(server).catch(() => null);
    const is = address === null ? null : await isNamedBy(address, host);
    if (is !== null) return is;
  }
  return null;
}
