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

/**
 * `owner/name` as GitHub spells it. Letters, digits, `-`, `_` and `.`; no path tricks. The owner's `_`
 * is that of an enterprise's managed users (`mona_octo`).
 * https://docs.github.com/en/enterprise-cloud@latest/admin/managing-iam/iam-configuration-reference/username-considerations-for-external-authentication
 */
export const RepositoryName = z
  .string()
  .check(
    z.maxLength(140),
    z.regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,38}\/(?!\.{1,2}$)(?!.*\.git$)[A-Za-z0-9._-]{1,100}$/),
  );
export type RepositoryName = z.infer<typeof RepositoryName>;

/**
 * A branch name that git-check-ref-format(1) and GitHub accept, of letters, digits and `. _ / - # + @ = ,`.
 * The other characters that git accepts are refused on purpose: workers and people put branches into
 * commands, where `$ ; & | ' " ( )` and their kind act; `%` is decoded by those who decode twice; and
 * other scripts have letters that look like these. The first is a letter, a digit or `_`, so that none is
 * an option, a forced refspec (`+`) or a comment (`#`). What looks like an object's name or begins with
 * `refs/` is no branch at GitHub, nor `HEAD` anywhere; with `refs/heads/` it has 255 characters at most.
 * https://docs.github.com/en/get-started/using-git/dealing-with-special-characters-in-branch-and-tag-names
 */
export const BranchName = z
  .string()
  .check(
    z.maxLength(244),
    z.regex(
      /^(?!(?:HEAD|[0-9A-Fa-f]{40}|[0-9A-Fa-f]{64})$)(?!refs\/)(?!.*(?:\.\.|\/\/|\.lock(?:\/|$)|\/\.))[A-Za-z0-9_][A-Za-z0-9._/#+@=,-]*(?<![./])$/,
    ),
  );

/** A git object name, SHA-1 or SHA-256, in lower case. */
export const CommitId = z.string().check(z.regex(/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/));
