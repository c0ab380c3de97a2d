import * as z from 'zod/mini';
import { CommitId } from './ids.ts';

/**
 * Paths of power: what is committed there acts by itself, at the git host the moment that a branch is
 * pushed (workflows, owners), or on every machine and in every sandbox that checks it out. A change of
 * one is pushed only once a person has allowed that commit.
 *
 * Whole folders and files at the top, and within `.github` and `docs`; in small letters, since there
 * are file systems to which letters are all the same.
 */
const WITHIN: Record<string, ReadonlySet<string>> = {
  '': new Set(['.mainloop', '.claude', '.mcp.json', '.gitmodules', '.gitattributes', 'codeowners']),
  '.github': new Set(['workflows', 'actions', 'codeowners']),
  docs: new Set(['codeowners']),
};

/** Where a path of power may lie: `inside` it, `above` one, or elsewhere. `path` has no slash at its ends. */
export function powerOf(path: string): 'inside' | 'above' | 'none' {
  const [first = '', second] = path.toLowerCase().split('/');
  if (WITHIN['']?.has(first) === true) return 'inside';
  const within = Object.hasOwn(WITHIN, first) ? WITHIN[first] : undefined;
  if (within === undefined) return 'none';
  if (second === undefined) return 'above';
  return within.has(second) ? 'inside' : 'none';
}

/** Of the texts that a push is shown with, as JSON. */
export const PUSH_SHOWN_MAX_BYTES = 4_000_000;

/**
 * `POST /gateway/push`: what a push would bring, shown by git's own objects. An object's name is the
 * hash of it, so that nobody need be believed: the gateway works out from these what changes, and
 * where one is missing the push is refused.
 */
export const PushShown = z.object({
  /** What shall be the branch's tip. */
  commit: CommitId,
  /** The branch's tip at the host until then; null where there is none. */
  before: z.nullable(CommitId),
  /** The newest commit of the base branch that it holds. */
  base: CommitId,
  /** `data` is base64. */
  objects: z.array(z.object({ type: z.enum(['commit', 'tree', 'blob']), data: z.string() })),
});
export type PushShown = z.infer<typeof PushShown>;

/** Whether what was shown may be pushed; `text` is for the worker. */
export const PushVerdict = z.discriminatedUnion('is', [
  z.object({ is: z.literal('clear') }),
  /** A person is asked: what they say comes as a message. */
  z.object({ is: z.literal('held') }),
  z.object({ is: z.literal('refused'), text: z.string() }),
]);
export type PushVerdict = z.infer<typeof PushVerdict>;
