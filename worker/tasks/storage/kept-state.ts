import * as z from 'zod/mini';
import { StoredDueTime, StoredTime, orElse } from '../../platform/stored-values.ts';
import { CHECKPOINT_KEPT_MS } from '../lifecycle/state.ts';
import { type DecisionStore, StoredDecision } from './decisions.ts';
import { type EgressRefusalStore, StoredRefusal } from './egress-refusals.ts';
import type { QueuedMessages } from './queued-messages.ts';
import { StoredCommandResult, StoredEffect, StoredHead, StoredMail } from './rows.ts';
import { StoredQueuedMessage } from './shapes.ts';
import { StoredRecord } from './record.ts';
import type { TaskStore } from './task-store.ts';

/** Command results that are kept so that a repeated request acts once: the newest are asked for again. */
const RESULTS_MAX = 100;

/** `dueAt` and `since` are missing in what was kept before they were. */
const StoredWork = z.object({
  key: z.string(),
  effect: StoredEffect,
  dueAt: z.optional(StoredDueTime),
  since: z.optional(StoredTime),
});

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
  effects: list(StoredWork),
  results: list(z.object({ id: z.string(), result: StoredCommandResult })),
  refusals: list(StoredRefusal),
});
export type StoredTaskState = z.infer<typeof StoredTaskState>;

export type Stores = {
  store: TaskStore;
  decisions: DecisionStore;
  queue: QueuedMessages;
  refusals: EgressRefusalStore;
};

/** All of it, as it stands now. */
export function taskState({ store, decisions, queue, refusals }: Stores): object {
  return {
    values: store.keptValues(),
    reports: store.lastReport(),
    decisions: decisions.all(),
    mail: store.mail(),
    queue: queue.all(),
    effects: store.outbox.all().map(({ key, effect, dueAt, since }) => ({
      key,
      effect,
      dueAt,
      since,
    })),
    results: store.commandResults(RESULTS_MAX),
    refusals: refusals.all(),
  };
}

/** Writes it into an empty task; afterwards the object holds a task. Call inside a transaction. */
export function restoreTaskState(
  { store, decisions, queue, refusals }: Stores,
  state: StoredTaskState,
  now: number,
): void {
  for (const decision of state.decisions) decisions.put(decision);
  for (const item of state.mail) store.post(item);
  for (const message of state.queue) queue.add(message);
  for (const work of state.effects) {
    const at = work.dueAt ?? dueWhereUnknown(work, now);
    store.outbox.add(work, at, work.since ?? at);
  }
  for (const { id, result } of state.results) store.keepCommandResult(id, result);
  refusals.add(state.refusals.toReversed());
  store.countReportsFrom(state.reports);
  store.restoreValues(state.values);
}

/**
 * When an effect is due whose time was not kept. The upload that it would delete may be the only
 * checkpoint of an ended task: it stays for as long as such a one does.
 */
function dueWhereUnknown({ effect }: z.infer<typeof StoredWork>, now: number): number {
  return effect.do === 'delete_checkpoint' ? now + CHECKPOINT_KEPT_MS : now;
}
