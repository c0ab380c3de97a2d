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

/** What is looked at, in the order in which it is shown. */
export const HealthName = z.enum([
  'history',
  'effects',
  'sandboxes',
  'model',
  'webhooks',
  'pushes',
  'set_aside',
  'connections',
]);
export type HealthName = z.infer<typeof HealthName>;

/**
 * How one part is. `failing` has failed for a while, and is told in the inbox; `unknown` was not tried
 * lately, so that nobody can say that it works.
 */
const HealthCheck = z.object({
  name: HealthName,
  state: z.enum(['ok', 'unknown', 'warning', 'failing']),
  /** How it is, in a sentence or two. */
  text: z.string(),
  /** What mends it, in a sentence or two; null where nothing has to be done. */
  mend: z.nullable(z.string()),
});
export type HealthCheck = z.infer<typeof HealthCheck>;

/** Answer of `GET /api/health`: how everything of this person is. */
export const HealthReport = z.object({
  at: Timestamp,
  version: z.object({
    product: z.string(),
    protocol: z.int(),
    /** Of the storage of a conversation, and of a task: the numbers of the newest migrations. */
    thread: z.int(),
    task: z.int(),
    /** Cloudflare's id of the deployed version; null where there is none. */
    deployed: z.nullable(z.string()),
  }),
  checks: z.array(HealthCheck),
});
export type HealthReport = z.infer<typeof HealthReport>;

/** Answer of `GET /api/live`, to anyone. */
export const Liveness = z.object({ up: z.literal(true), version: z.string() });
export type Liveness = z.infer<typeof Liveness>;
