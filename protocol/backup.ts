import * as z from 'zod/mini';
import { Attachment } from './attachment.ts';
import { TaskId, Timestamp, Ulid } from './ids.ts';

/**
 * Of the file that `npm run export` writes (docs/backup.md). Raised when older code could not read it.
 * 2: it holds what people attached.
 */
export const EXPORT_FORMAT = 2;

/** The tables of Postgres, in the order in which a file has them: small ones that the rest needs come first. */
export const BackupTable = z.enum([
  'settings',
  'threads',
  'thread_tasks',
  'messages',
  'inbox_items',
  'tasks',
  'task_states',
  'task_events',
  'usage',
]);
export type BackupTable = z.infer<typeof BackupTable>;

/** Where a page of rows ended. */
export const BackupCursor = z.object({
  table: BackupTable,
  /** The row's id, its task's in tables of tasks, and empty where a person has one row. */
  id: z.string(),
  /** Of an event in its task; 0 in other tables. */
  number: z.int(),
});
export type BackupCursor = z.infer<typeof BackupCursor>;

/**
 * A row as Postgres has it. Whose it is, is not said: it becomes the row of whoever imports it.
 * `row` is as the version that wrote it wrote it.
 */
export const BackupRow = z.object({
  is: z.literal('row'),
  table: BackupTable,
  /** In tables of tasks. */
  taskId: z.optional(TaskId),
  /** As in `worker/history/schema.ts`: the life of the object that wrote it, and the change in it. */
  epoch: z.int(),
  revision: z.int(),
  row: z.record(z.string(), z.unknown()),
});
export type BackupRow = z.infer<typeof BackupRow>;

/** Rows by table. */
export const BackupCounts = z.partialRecord(BackupTable, z.int());
export type BackupCounts = z.infer<typeof BackupCounts>;

/** `POST /api/export`: what is asked next, of the person's own. */
export const ExportRequest = z.discriminatedUnion('do', [
  /** Sends on what has not reached Postgres, of some tasks at a time; `after` is `next` of the answer before. */
  z.object({ do: z.literal('drain'), after: z.nullable(TaskId) }),
  z.object({ do: z.literal('count') }),
  /** Some rows, in order; `after` is `next` of the answer before. */
  z.object({ do: z.literal('rows'), after: z.nullable(BackupCursor) }),
]);
export type ExportRequest = z.infer<typeof ExportRequest>;

export const ExportAnswer = z.discriminatedUnion('is', [
  z.object({
    is: z.literal('drained'),
    /** Rows that wait for Postgres still. */
    waiting: z.int(),
    /** Rows that could not be kept, or that Postgres did not take: in no export. */
    setAside: z.int(),
    next: z.nullable(TaskId),
  }),
  z.object({ is: z.literal('counted'), counts: BackupCounts, version: z.string() }),
  z.object({ is: z.literal('rows'), rows: z.array(BackupRow), next: z.nullable(BackupCursor) }),
  z.object({ is: z.literal('refused'), text: z.string() }),
]);
export type ExportAnswer = z.infer<typeof ExportAnswer>;

/** Tasks that one step makes: a Worker may make so many calls a request, and no more. */
export const IMPORT_TASKS_MAX = 100;

/** `POST /api/import`: the steps of an import into an empty installation, each of which may be repeated. */
export const ImportRequest = z.discriminatedUnion('do', [
  /** `id` is the file's own. */
  z.object({ do: z.literal('begin'), id: Ulid }),
  z.object({ do: z.literal('rows'), id: Ulid, rows: z.array(BackupRow) }),
  /** All rows are there: these tasks are made from them. */
  z.object({
    do: z.literal('tasks'),
    id: Ulid,
    taskIds: z.array(TaskId).check(z.maxLength(IMPORT_TASKS_MAX)),
  }),
  /** At last the conversation, with which all is open. */
  z.object({ do: z.literal('conversation'), id: Ulid }),
]);
export type ImportRequest = z.infer<typeof ImportRequest>;

export const ImportAnswer = z.discriminatedUnion('is', [
  /** `from`: an import of the same file that was cut short goes on there. */
  z.object({ is: z.literal('begun'), from: z.enum(['rows', 'tasks', 'done']) }),
  z.object({ is: z.literal('taken') }),
  z.object({
    is: z.literal('tasks'),
    made: z.int(),
    /** Why some could not be made. */
    not: z.array(z.object({ taskId: TaskId, text: z.string() })),
    /** Postgres did not answer them: they are asked again. */
    again: z.array(TaskId),
  }),
  z.object({ is: z.literal('done'), text: z.string() }),
  z.object({ is: z.literal('refused'), text: z.string() }),
]);
export type ImportAnswer = z.infer<typeof ImportAnswer>;

/** The first record of a file. */
export const BackupHeader = z.object({
  is: z.literal('header'),
  /** Always `mainloop`. */
  of: z.literal('mainloop'),
  format: z.int(),
  /** A new one for each file. */
  id: Ulid,
  at: Timestamp,
  /** Of the product that wrote it. */
  version: z.string(),
  /** Rows when the export began; the last record says how many came. */
  counts: BackupCounts,
});
export type BackupHeader = z.infer<typeof BackupHeader>;

/** One record of a file after its header. */
export const BackupRecord = z.discriminatedUnion('is', [
  BackupRow,
  /** Work in progress of a task, as R2 has it: its parts follow. */
  z.object({ is: z.literal('checkpoint'), key: z.string(), size: z.int() }),
  /** A file that the person attached: its parts follow. */
  z.object({ is: z.literal('attachment'), attachment: Attachment }),
  /** The next bytes of it, in base64. */
  z.object({ is: z.literal('part'), data: z.string() }),
  z.object({
    is: z.literal('end'),
    counts: BackupCounts,
    checkpoints: z.int(),
    attachments: z._default(z.int(), 0),
    /** SHA-256 over the JSON of all records before, a line feed after each; hexadecimal. */
    sha256: z.string(),
  }),
]);
export type BackupRecord = z.infer<typeof BackupRecord>;

/** What of a task's state names its checkpoint in R2; until uploads had keys of their own, each generation had one. */
const KeptPart = z.nullish(z.object({ generation: z.int(), key: z.optional(z.string()) }));
const NamesCheckpoint = z.object({
  values: z.object({ checkpoint: z.nullish(z.record(z.string(), KeptPart)) }),
});

/** Keys in R2 of the work in progress that a row of `task_states` goes on from. */
export function checkpointKeys(taskId: string, row: unknown): string[] {
  const read = NamesCheckpoint.safeParse(row);
  if (!read.success) return [];
  return Object.entries(read.data.values.checkpoint ?? {}).flatMap(([part, kept]) =>
    kept == null ? [] : [kept.key ?? `${taskId}/${kept.generation}/${part}`],
  );
}

const Attached = z.array(Attachment);

/** All that a row names of what the person attached, wherever in it. */
export function attachmentsOf(row: unknown): Attachment[] {
  if (typeof row !== 'object' || row === null) return [];
  const inside = Object.values(row).flatMap(attachmentsOf);
  const own = 'attachments' in row ? Attached.safeParse(row.attachments).data : undefined;
  return [...(own ?? []), ...inside];
}
