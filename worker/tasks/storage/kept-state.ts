import * as z from 'zod/mini';
import { orElse } from '../../platform/stored-values.ts';
import { type DecisionStore, StoredDecision } from './decisions.ts';
import type { QueuedMessages } from './queued-messages.ts';
import { StoredCommandResult, StoredEffect, StoredHead, StoredMail } from './rows.ts';
import { StoredQueuedMessage } from './shapes.ts';
import { StoredRecord } from './record.ts';
import type { TaskStore } from './task-store.ts';

/** Command results that are kept so that a repeated request acts once: the newest are asked for again. */
const RESULTS_MAX = 100;

const list = <T extends z.ZodMiniType>(schema: T) => orElse(z.array(schema), []);

/**
 * What a task goes on from, as Postgres has it. Not in it: the activity and the use, which have rows of
 * their own; the secrets of sandboxes; reports that wait, since what they open may have been settled.
 */
export const StoredTaskState = z.object({
  values: z.looseObject({ head: StoredHead, record: StoredRecord }),
  /** Number of the newest report. */
  reports: z.int(),
  decisions: list(StoredDecision),
  mail: list(StoredMail),
  queue: list(StoredQueuedMessage),
  effects: list(z.object({ key: z.string(), effect: StoredEffect })),
  results: list(z.object({ id: z.string(), result: StoredCommandResult })),
});
export type StoredTaskState = z.infer<typeof StoredTaskState>;

type Stores = { store: TaskStore; decisions: DecisionStore; queue: QueuedMessages };

/** All of it, as it stands now. */
export function taskState({ store, decisions, queue }: Stores): object {
  return {
    values: store.keptValues(),
    reports: store.lastReport(),
    decisions: decisions.all(),
    mail: store.mail(),
    queue: queue.all(),
    effects: store.outbox.all().map(({ key, effect }) => ({ key, effect })),
    results: store.commandResults(RESULTS_MAX),
  };
}

/** Writes it into an empty task; afterwards the object holds a task. Call inside a transaction. */
export function restoreTaskState(
  { store, decisions, queue }: Stores,
  state: StoredTaskState,
  now: number,
): void {
  for (const decision of state.decisions) decisions.put(decision);
  for (const item of state.mail) store.post(item);
  for (const message of state.queue) queue.add(message);
  for (const effect of state.effects) store.outbox.add(effect, now);
  for (const { id, result } of state.results) store.keepCommandResult(id, result);
  store.countReportsFrom(state.reports);
  store.restoreValues(state.values);
}
