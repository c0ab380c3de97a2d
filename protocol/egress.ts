import * as z from 'zod/mini';

/** Most hosts that a repository may list. */
export const EGRESS_HOSTS_MAX = 50;
const HOST_MAX_CHARS = 260;
const LABEL = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?';
const ENTRY = new RegExp(
  `^(?<under>\\*\\.)?(?<name>${LABEL}(?:\\.${LABEL})*)(?::(?<port>\\d{1,5}))?$`,
);

/** `name` as a URL spells it: so `0x7f.1`, which a URL takes for an address, is none. */
function isAsInUrl(name: string): boolean {
  try {
    return new URL(`http://${name}`).hostname === name;
  } catch {
    return false;
  }
}

/** The parts of an entry: its name, whether it stands for all names under it, its port or null. */
export type EgressHostParts = { name: string; under: boolean; port: number | null };

/** Null for what is no entry of a list. */
export function egressHostParts(entry: string): EgressHostParts | null {
  if (entry.length > HOST_MAX_CHARS) return null;
  const { under, name = '', port } = ENTRY.exec(entry)?.groups ?? {};
  if (!isAsInUrl(name)) return null;
  // `*.com` is no list of hosts.
  if (under !== undefined && !/\..*[a-z]/.test(name)) return null;
  const number = port === undefined ? null : Number(port);
  if (number !== null && (number < 1 || number > 65_535)) return null;
  return { name, under: under !== undefined, port: number };
}

/**
 * A host that a sandbox may reach: `name`, `*.name` for all names under it, `name:port` for a port
 * that is neither 80 nor 443. In lower case, as a URL has it; an IPv4 address is a name, too.
 */
const EgressHost = z.string().check(z.refine((entry) => egressHostParts(entry) !== null));

/** What the sandboxes of a repository may reach beside the gateway. */
export const EgressPolicy = z.discriminatedUnion('is', [
  z.object({ is: z.literal('none') }),
  /** The public package registries, reading only. */
  z.object({ is: z.literal('registries') }),
  /** The registries and these. */
  z.object({
    is: z.literal('list'),
    hosts: z.array(EgressHost).check(z.maxLength(EGRESS_HOSTS_MAX)),
  }),
  /** Whatever is public. */
  z.object({ is: z.literal('open') }),
]);
export type EgressPolicy = z.infer<typeof EgressPolicy>;

export const DEFAULT_EGRESS: EgressPolicy = { is: 'registries' };
