import ipaddr from 'ipaddr.js';
import { type EgressPolicy, egressHostParts } from '../../protocol/egress.ts';
import { REGISTRIES } from './egress-registries.ts';

/** One request that a sandbox sends out. */
export type EgressRequest = {
  method: string;
  /** As the sandbox asked for it, with its scheme; `dns:` where a name was to be looked up. */
  url: string;
  /** What whoever sends it on knows of where it leads: to an address that is not public, or back to Mainloop. */
  leadsTo: 'anywhere' | 'inside' | 'mainloop';
};

/** What is said of a request: its host with the port, where that is not the scheme's own. */
export type EgressVerdict =
  | { is: 'allowed'; host: string }
  /** `asked` is what the person could allow: the host, or `POST host` where reading it is allowed, or `DNS host`, which it cannot. `text` is for the sandbox. */
  | { is: 'refused'; host: string; asked: string; text: string };

const HOST_MAX_CHARS = 260;
const READS = new Set(['GET', 'HEAD']);
/** Names that no public name service knows: RFC 6761, RFC 6762, and ICANN's .internal. */
const PRIVATE_NAME = /(?:^|\.)(?:localhost|local|internal|home\.arpa|localdomain)$/;
const ASK = 'The owner can allow it in Mainloop’s settings, under Repositories.';

/** What is reached there is no public host, as far as its name or address tells. */
export function isPrivateHost(hostname: string): boolean {
  const bare = hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
  if (ipaddr.isValid(bare)) return ipaddr.process(bare).range() !== 'unicast';
  // One word is a name of somebody's own network.
  return PRIVATE_NAME.test(bare) || !bare.includes('.');
}

/** How the list names this host: word by word, only by a name above it, or not at all. */
function listed(
  hosts: readonly string[],
  { hostname, port, protocol }: URL,
): 'as_such' | 'under' | null {
  const own = protocol === 'https:' ? 443 : 80;
  const asked = port === '' ? own : Number(port);
  let found: 'under' | null = null;
  for (const entry of hosts) {
    const parts = egressHostParts(entry);
    if (parts === null) continue;
    const portFits = parts.port === null ? port === '' : parts.port === asked;
    if (!portFits) continue;
    if (!parts.under && parts.name === hostname) return 'as_such';
    if (parts.under && hostname.endsWith(`.${parts.name}`)) found = 'under';
  }
  return found;
}

/**
 * Whether a sandbox may send a request.
 *
 * @param registries hosts that count as registries beside the public ones, with their ports.
 */
export function decideEgress(
  policy: EgressPolicy,
  request: EgressRequest,
  registries: ReadonlySet<string> = new Set(),
): EgressVerdict {
  const url = URL.parse(request.url);
  if (url?.protocol === 'dns:') {
    const host = url.hostname.slice(0, HOST_MAX_CHARS);
    const text = `${host} is not looked up: no name is in this sandbox. What may be reached is reached by its proxy.`;
    return { is: 'refused', host, asked: `DNS ${host}`, text };
  }
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    const text = 'Only HTTP and HTTPS leave this sandbox.';
    const host = request.url.slice(0, HOST_MAX_CHARS);
    return { is: 'refused', host, asked: host, text };
  }
  const host = url.host.slice(0, HOST_MAX_CHARS);
  const refuse = (text: string, asked = host): EgressVerdict => ({
    is: 'refused',
    host,
    asked,
    text,
  });
  if (request.leadsTo === 'mainloop') {
    // On one machine everybody is its person to Mainloop: not even a list opens it.
    return refuse(`${host} cannot be reached: sandboxes come to Mainloop by its gateway only.`);
  }
  if (policy.is === 'none') {
    return refuse(`${host} cannot be reached: this repository’s sandboxes reach nothing. ${ASK}`);
  }
  const place = policy.is === 'list' ? listed(policy.hosts, url) : null;
  if (place === 'as_such') return { is: 'allowed', host };
  const isOwners = registries.has(host);
  if (!isOwners && (request.leadsTo === 'inside' || isPrivateHost(url.hostname))) {
    return refuse(
      `${host} cannot be reached: it is not public. The owner can list it by its whole name in Mainloop’s settings, under Repositories.`,
    );
  }
  if (place === 'under') return { is: 'allowed', host };
  if (policy.is === 'open') {
    return url.port === ''
      ? { is: 'allowed', host }
      : refuse(`${host} cannot be reached: only ports 80 and 443 are open. ${ASK}`);
  }
  if (isOwners || (url.port === '' && REGISTRIES.has(url.hostname))) {
    return READS.has(request.method)
      ? { is: 'allowed', host }
      : refuse(
          `${request.method} is not possible at ${host}: package registries are there to read from. ${ASK}`,
          `${request.method} ${host}`,
        );
  }
  const beside = policy.is === 'list' ? ' and the hosts that are listed' : '';
  return refuse(
    `${host} cannot be reached: this repository’s sandboxes reach package registries${beside} only. ${ASK}`,
  );
}
