import * as z from 'zod/mini';

/** Who commits what a sandbox makes. A commit of anybody else on the task's branch is a person's. */
export const WORKER_IDENTITY = { name: 'Mainloop', email: 'mainloop@users.noreply.github.com' };

/**
 * Goes with a push over what is there: commits, whole, that show what becomes of it, as base64 of
 * JSON. A commit's name is the hash of it, so that nobody need be believed.
 */
export const PUSH_EVIDENCE_HEADER = 'x-mainloop-push-evidence';

/** Servers in between take headers of 16 KB in all. */
export const PUSH_EVIDENCE_MAX_CHARS = 10_000;

/** Commits as `git cat-file commit` gives them, to the last byte. */
export const PushEvidence = z.array(z.string());
