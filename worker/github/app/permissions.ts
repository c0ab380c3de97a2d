import * as z from 'zod/mini';

/** What a token is for: no token opens more than that. */
export type Purpose = 'api' | 'fetch' | 'push' | 'list';

/** An App's permissions by name. https://docs.github.com/en/rest/apps/apps#create-an-installation-access-token-for-an-app */
export const Permissions = z.record(z.string(), z.string());
export type Permissions = z.infer<typeof Permissions>;

type Level = 'read' | 'write';
type Wanted = { needed: Record<string, Level>; ifThere: Record<string, Level> };

const WANTED: Record<Purpose, Wanted> = {
  api: {
    needed: {
      metadata: 'read',
      contents: 'write',
      pull_requests: 'write',
      issues: 'write',
      checks: 'read',
      statuses: 'read',
    },
    // Without it the log of a failed job stays unread.
    ifThere: { actions: 'read' },
  },
  fetch: { needed: { metadata: 'read', contents: 'read' }, ifThere: {} },
  push: {
    needed: { metadata: 'read', contents: 'write' },
    // Without it GitHub refuses a push that changes a workflow, even one that a person approved.
    ifThere: { workflows: 'write' },
  },
  list: { needed: { metadata: 'read' }, ifThere: {} },
};

const RANKS: Record<string, number> = { read: 1, write: 2, admin: 3 };

const isGranted = (granted: Permissions, name: string, level: Level): boolean =>
  (RANKS[granted[name] ?? ''] ?? 0) >= (RANKS[level] ?? 0);

/**
 * The least that a token for this needs: asking for what was not granted is refused as a whole.
 * `missing` names what the App lacks, as its settings do.
 */
export function leastPermissions(
  purpose: Purpose,
  granted: Permissions,
): { is: 'enough'; permissions: Permissions } | { is: 'lacking'; missing: string[] } {
  const { needed, ifThere } = WANTED[purpose];
  const missing = Object.entries(needed)
    .filter(([name, level]) => !isGranted(granted, name, level))
    .map(([name, level]) => `${name.replaceAll('_', ' ')} (${level})`);
  if (missing.length > 0) return { is: 'lacking', missing };
  const more = Object.entries(ifThere).filter(([name, level]) => isGranted(granted, name, level));
  return { is: 'enough', permissions: { ...needed, ...Object.fromEntries(more) } };
}
