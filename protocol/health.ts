import * as z from 'zod/mini';
import { TaskId, Timestamp } from './ids.ts';

/** A stored row that could not be read, or not be kept whole. What it holds is not told. */
export const SetAsideRow = z.object({
  /** Counts from 1 in each object. */
  number: z.int(),
  /** Its table, or `kv` for a key of the key-value storage; see docs/storage.md. */
  table: z.string(),
  key: z.string(),
  /** One plain sentence. */
  why: z.string(),
  at: Timestamp,
});
export type SetAsideRow = z.infer<typeof SetAsideRow>;

/** How one object's storage is. */
export const ObjectHealth = z.object({
  /** Number of the last storage migration; 0 for an object that holds nothing. */
  version: z.int(),
  /** Why the storage was not opened, in one plain sentence; null when it was. */
  closed: z.nullable(z.string()),
  /** All that was ever set aside there; `rows` holds the newest. */
  setAside: z.object({ count: z.int(), rows: z.array(SetAsideRow) }),
});
export type ObjectHealth = z.infer<typeof ObjectHealth>;

/** Answer of `GET /api/health/storage`: the person's conversation, and those of its tasks that are not whole. */
export const StorageHealth = z.object({
  thread: ObjectHealth,
  tasks: z.array(z.object({ taskId: TaskId, health: ObjectHealth })),
});
export type StorageHealth = z.infer<typeof StorageHealth>;
