import { EGRESS_HOSTS_MAX, egressHostParts } from '../../protocol/egress.ts';

/** What a person wrote, an entry a line: the entries, or a sentence on what is wrong. */
export function readEgressHosts(
  text: string,
): { is: 'hosts'; hosts: string[] } | { is: 'wrong'; text: string } {
  const lines = text.split(/[\s,]+/).filter((line) => line !== '');
  const hosts = [...new Set(lines.map((line) => line.toLowerCase()))];
  const wrong = hosts.find((host) => egressHostParts(host) === null);
  if (wrong !== undefined) {
    const shown = wrong.length > 80 ? `${wrong.slice(0, 80)}…` : wrong;
    return {
      is: 'wrong',
      text: `“${shown}” is no host. Write example.com, *.example.com or example.com:8080, without https:// and without a path.`,
    };
  }
  if (hosts.length > EGRESS_HOSTS_MAX) {
    return {
      is: 'wrong',
      text: `There can be ${EGRESS_HOSTS_MAX} hosts. Use *.example.com for many under one name.`,
    };
  }
  return { is: 'hosts', hosts };
}
