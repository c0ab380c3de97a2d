import * as z from 'zod/mini';

/** A ULID: 26 characters of Crockford base32; sorts by the time it was made. https://github.com/ulid/spec */
export const Ulid = z.string().check(z.regex(/^[0-7][0-9A-HJKMNP-TV-Z]{25}$/));

/** The message's id, made where the message is written. */
export const MessageId = Ulid;
/** The task's id, made by the main thread. */
export const TaskId = Ulid;
export const InboxItemId = Ulid;

/** The last moment that a Date can be. */
const LATEST_MS = 8_640_000_000_000_000;
/** Milliseconds since the Unix epoch, by the server's clock. For display only: order comes from `seq`. */
export const Timestamp = z.int().check(z.nonnegative(), z.maximum(LATEST_MS));

/** Place in the person's log: 1 for the first entry, then without gaps. */
export const Seq = z.int().check(z.positive());

/** `owner/name` as GitHub spells it. Letters, digits, `-`, `_` and `.`; no path tricks. */
export const RepositoryName = z
  .string()
  .check(
    z.maxLength(140),
    z.regex(/^[A-Za-z0-9](?:[A-Za-z0-9-]{0,38})\/(?!\.{1,2}$)(?!.*\.git$)[A-Za-z0-9._-]{1,100}$/),
  );
export type RepositoryName = z.infer<typeof RepositoryName>;

/** A branch name that git accepts and no shell or option parser misreads: a strict part of git-check-ref-format(1). */
export const BranchName = z
  .string()
  .check(
    z.maxLength(200),
    z.regex(/^(?!.*(?:\.\.|\/\/|\.lock(?:\/|$)|\/\.|@\{))[A-Za-z0-9][A-Za-z0-9._/-]*(?<![./])$/),
  );

/** A git object name, SHA-1 or SHA-256, in lower case. */
export const CommitId = z.string().check(z.regex(/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/));
