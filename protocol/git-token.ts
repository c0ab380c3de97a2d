import * as z from 'zod/mini';
import { Timestamp } from './ids.ts';

/** As GitHub's tokens are written, with room for longer ones. */
const TOKEN = /^[\w.-]{20,600}$/;

/** `PUT /api/git-token`: it comes in, and never out again. */
export const NewGitToken = z.object({ token: z.string().check(z.trim(), z.regex(TOKEN)) });
export type NewGitToken = z.infer<typeof NewGitToken>;

export const GIT_TOKEN_RULE =
  'That is no token: GitHub’s begin with github_pat_ or ghp_, and are letters, digits and _.';

/** `GET /api/git-token`: as whom the person's tasks work at the git host. */
export const GitTokenAnswer = z.object({
  /** The person's own token; null where they stored none. */
  token: z.nullable(
    z.object({
      /** Whose it is at the host. */
      login: z.string(),
      /** When it was stored. */
      at: Timestamp,
      /** When the host did not take it last; null where it always did. */
      refusedAt: z.nullable(Timestamp),
      /** Why it cannot be used, in a sentence; null where it can. */
      closed: z.nullable(z.string()),
    }),
  ),
  /** Who is used where a person has none. */
  otherwise: z.enum(['app', 'token', 'nobody']),
  /** Why none can be stored, in a sentence; null where one can. */
  noSecrets: z.nullable(z.string()),
});
export type GitTokenAnswer = z.infer<typeof GitTokenAnswer>;
