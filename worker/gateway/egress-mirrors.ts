import * as z from 'zod/mini';
import { log } from '../platform/log.ts';

/** Host of a registry -> base URL of what answers in its place. */
const Mirrors = z.record(z.string(), z.url({ protocol: /^https?$/ }));

export type EgressMirrors = {
  /** Where a request for this URL is sent. */
  resolve(url: URL): URL;
  /** The mirrors' own hosts: what they answer may name them. */
  hosts: ReadonlySet<string>;
};

let read: { text: string; mirrors: EgressMirrors } | null = null;

/**
 * The owner's setting `EGRESS_MIRRORS`, as JSON: `{"registry.npmjs.org": "https://npm.example.com/all"}`.
 * One that cannot be read is none, and said so in the log.
 */
export function egressMirrors(text: string | undefined): EgressMirrors {
  const given = text ?? '{}';
  if (read?.text !== given) read = { text: given, mirrors: parse(given) };
  return read.mirrors;
}

function parse(text: string): EgressMirrors {
  let bases: Record<string, string> = {};
  try {
    bases = Mirrors.parse(JSON.parse(text));
  } catch (error) {
    log.error('gateway.mirrors_malformed', error);
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
