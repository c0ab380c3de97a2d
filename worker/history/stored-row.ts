import * as z from 'zod/mini';
import { StoredDay, StoredTime } from '../platform/stored-values.ts';
import type { HistoryRow } from './rows.ts';

/*
 * A row that waits for Postgres was written by whichever version of its owner: what its upsert needs
 * must be there, and the rest of it goes along as it is.
 */
const id = z.string().check(z.minLength(1));
const at = StoredTime;
const personId = z.string().check(z.minLength(1));
const usage = z.looseObject({ cost: z.number() });
const pullRequest = z.nullable(z.looseObject({ url: z.string() }));

const StoredHistoryRow = z.discriminatedUnion('table', [
  z.object({
    table: z.literal('messages'),
    personId,
    row: z.looseObject({ id, seq: z.int(), from: z.string(), text: z.string(), at }),
  }),
  z.object({
    table: z.literal('tasks'),
    personId,
    row: z.looseObject({
      id,
      title: z.string(),
      repository: z.string(),
      branch: z.string(),
      model: z.string(),
      status: z.string(),
      createdAt: at,
      endedAt: z.nullable(at),
      pullRequest,
      usage,
    }),
  }),
  z.object({
    table: z.literal('task_events'),
    personId,
    taskId: id,
    row: z.looseObject({ number: z.int(), at, body: z.looseObject({ type: z.string() }) }),
  }),
  z.object({
    table: z.literal('inbox_items'),
    personId,
    row: z.looseObject({
      id,
      taskId: z.nullable(id),
      kind: z.string(),
      outcome: z.nullable(z.unknown()),
      at,
    }),
  }),
  z.object({
    table: z.literal('usage'),
    personId,
    row: z.looseObject({
      id,
      taskId: z.nullable(z.string()),
      model: z.string(),
      day: StoredDay,
      at,
      inputTokens: z.int(),
      outputTokens: z.int(),
      cacheReadTokens: z.int(),
      cacheWriteTokens: z.int(),
      cost: z.number(),
    }),
  }),
  z.object({ table: z.literal('settings'), personId, row: z.looseObject({}) }),
  z.object({ table: z.literal('threads'), personId, row: z.looseObject({}) }),
  z.object({ table: z.literal('thread_tasks'), personId, row: z.looseObject({ id }) }),
  z.object({ table: z.literal('task_states'), personId, taskId: id, row: z.looseObject({}) }),
]);

function isHistoryRow(value: unknown): value is HistoryRow {
  return StoredHistoryRow.safeParse(value).success;
}

/** What an import brings as a row; null when it is none. */
export function historyRowOf(value: unknown): HistoryRow | null {
  return isHistoryRow(value) ? value : null;
}

/** The row in its JSON; null when it is none. */
export function readHistoryRow(body: string): HistoryRow | null {
  try {
    return historyRowOf(JSON.parse(body));
  } catch {
    return null;
  }
}
