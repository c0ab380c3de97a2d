import * as z from 'zod/mini';
import { branches } from './git.ts';

/** Reads of pull requests, one or a list. */
export const PULLS_PATH = /^\/repos\/(?<full>[^/]+\/[^/]+)\/pulls(?:\/\d+)?(?:\?|$)/;

const Open = z.looseObject({
  state: z.literal('open'),
  head: z.looseObject({ ref: z.string(), sha: z.string() }),
});

/**
 * The emulated API keeps the commit that a pull request was opened with; an open one's head is the
 * tip of its branch.
 */
export async function withCurrentHeads(json: unknown, bare: string): Promise<unknown> {
  const tips = await branches(bare);
  const current = (one: unknown): unknown => {
    const parsed = Open.safeParse(one);
    if (!parsed.success) return one;
    const { head } = parsed.data;
    return { ...parsed.data, head: { ...head, sha: tips.get(head.ref) ?? head.sha } };
  };
  return Array.isArray(json) ? json.map(current) : current(json);
}
