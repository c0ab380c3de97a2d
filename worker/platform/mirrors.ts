import * as z from 'zod/mini';
import { log } from './log.ts';

/** Host -> base URL of what answers in its place. */
const Given = z.record(z.string(), z.url({ protocol: /^https?$/ }));

/** Settings that name them. */
type MirrorSetting = 'EGRESS_MIRRORS' | 'PUSH_MIRRORS';

export type Mirrors = {
  /** Where a request for this URL is sent. */
  resolve(url: URL): URL;
  /** The mirrors' own hosts: what they answer may name them. */
  hosts: ReadonlySet<string>;
};

const read = new Map<MirrorSetting, { text: string; mirrors: Mirrors }>();

/**
 * An owner's setting of mirrors, as JSON: `{"registry.npmjs.org": "https://npm.example.com/all"}`.
 * One that cannot be read is none, and said so in the log.
 */
export function readMirrors(setting: MirrorSetting, text: string | undefined): Mirrors {
  const given = text ?? '{}';
  const before = read.get(setting);
  if (before?.text === given) return before.mirrors;
  const mirrors = parse(setting, given);
  read.set(setting, { text: given, mirrors });
  return mirrors;
}

function parse(setting: MirrorSetting, text: string): Mirrors {
  let bases: Record<string, string> = {};
  try {
    bases = Given.parse(JSON.parse(text));
  } catch (error) {
    log.error('mirrors.malformed', error, { setting });
  }
  const byHost = new Map(Object.entries(bases).map(([host, base]) => [host, new URL(base)]));
  return {
    hosts: new Set([...byHost.values()].map(({ host }) => host)),
    resolve: (url) => {
      const base = byHost.get(url.host);
      if (base === undefined) return url;
      const mirrored = new URL(base);
      mirrored.pathname = `${base.pathname.replace(/\/$/, '')}${url.pathname}`;
      mirrored.search = url.search;
      return mirrored;
    },
  };
}
