import * as z from 'zod/mini';
import { CommitId, Timestamp } from './ids.ts';

/** Largest report of what a task has changed, in bytes of JSON. */
export const CHANGES_MAX_BYTES = 5_000_000;

/** Why a file's lines are not there: nobody reads such a file, it has too many, or the report has. */
const NotShown = z.enum(['binary', 'too_large', 'too_many']);

/** How one file differs from the base branch. */
export const FileChange = z.object({
  path: z.string(),
  /** Its earlier path, when it was renamed. */
  from: z.nullable(z.string()),
  is: z.enum(['added', 'changed', 'deleted', 'renamed']),
  /** Lines. Both are 0 in a binary file. */
  added: z.int(),
  removed: z.int(),
  /** The same for the same change: by it a person's `Viewed` holds. */
  hash: z.string(),
  /** The hunks as `git diff` writes them, from the first `@@` on; else why they are not there. */
  lines: z.union([
    z.object({ is: z.literal('shown'), patch: z.string() }),
    z.object({ is: NotShown }),
  ]),
});
export type FileChange = z.infer<typeof FileChange>;

/** `GET /api/tasks/:id/changes`: all that stands in the task's working tree and not in its base branch. */
export const Changes = z.object({
  at: Timestamp,
  /** What it is compared with, and the last commit of the work; what is not committed is in it, too. */
  base: CommitId,
  commit: CommitId,
  files: z.array(FileChange),
  /** Files beyond those, which are not even named. */
  more: z.int(),
});
export type Changes = z.infer<typeof Changes>;

/** A file's change that a person has looked at. It holds for this change of it only. */
export const ViewedMark = z.object({
  path: z.string().check(z.minLength(1), z.maxLength(4_096)),
  hash: z.string().check(z.minLength(1), z.maxLength(64)),
});
export type ViewedMark = z.infer<typeof ViewedMark>;

/** `GET /api/tasks/:id/changes?lines=none`: the same without the lines, which may be megabytes. */
export const ChangedFiles = z.object({
  files: z.array(
    z.object({
      path: z.string(),
      is: FileChange.shape.is,
      added: z.int(),
      removed: z.int(),
    }),
  ),
  more: z.int(),
});
export type ChangedFiles = z.infer<typeof ChangedFiles>;

/** What a card says of them. */
export const ChangesSummary = z.object({
  /** Another one whenever there is something new to fetch. */
  version: z.string(),
  files: z.int(),
  added: z.int(),
  removed: z.int(),
});
export type ChangesSummary = z.infer<typeof ChangesSummary>;

export type ChangeCounts = Omit<ChangesSummary, 'version'>;

const COUNT = /^\d{1,9}$/;

/** The header in which a runner counts what it reports: `files added removed`. */
export const CHANGES_HEADER = 'x-mainloop-changes';

/** Reads that header; null when it is none. */
export function readCounts(header: string | null): ChangeCounts | null {
  const counts = (header ?? '').split(' ');
  if (counts.length !== 3 || !counts.every((count) => COUNT.test(count))) return null;
  const [files = 0, added = 0, removed = 0] = counts.map(Number);
  return { files, added, removed };
}
