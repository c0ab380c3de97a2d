import * as z from 'zod/mini';

/**
 * What the smallest values in storage look like. Apart from the wire's on purpose: a wire may become
 * stricter with its version, while what is stored stays as it was until a migration changes it.
 */

/** A ULID. */
export const StoredId = z.string().check(z.regex(/^[0-7][0-9A-HJKMNP-TV-Z]{25}$/));
/** Milliseconds since 1970, within what a Date can hold (ECMA-262, 21.4.1.1). */
export const StoredTime = z.int().check(z.nonnegative(), z.maximum(8.64e15));
/** The same for a time that a pause was added to: rows from before pauses were rounded have fractions. */
export const StoredDueTime = z.number().check(z.nonnegative(), z.maximum(8.64e15));
/** Counts from 1. */
export const StoredNumber = z.int().check(z.positive());
/** `owner/name`. */
export const StoredRepositoryName = z
  .string()
  .check(
    z.maxLength(140),
    z.regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,38}\/(?!\.{1,2}$)(?!.*\.git$)[A-Za-z0-9._-]{1,100}$/),
  );
export const StoredBranchName = z
  .string()
  .check(
    z.maxLength(244),
    z.regex(
      /^(?!.*(?:\.\.|\/\/|\.lock(?:\/|$)|\/\.|@\{))[A-Za-z0-9_][A-Za-z0-9._/#+@=,-]*(?<![./])$/,
    ),
  );
export const StoredCommit = z.string().check(z.regex(/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/));
/** A UTC day, `YYYY-MM-DD`. */
export const StoredDay = z.string().check(z.regex(/^\d{4}-\d{2}-\d{2}$/));

/** What is never missing, with what it was before it was stored. */
export const orNull = <T extends z.ZodMiniType>(schema: T) => z._default(z.nullable(schema), null);

/** A value in place of one that cannot be read. (By another name than `z.catch`, which reads as a promise's.) */
export const { catch: orElse } = z;
