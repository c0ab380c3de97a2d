import type { HistoryOutbox } from '../history/outbox.ts';
import { log } from '../platform/log.ts';
import { type Stores, taskState } from './storage/kept-state.ts';

/**
 * When the task moves by itself, and when what it does outside is due. They change with every heartbeat
 * and every look at the host; a task that is rebuilt with older ones only moves earlier.
 */
const TIMES = new Set([
  'deadline',
  'stalledAt',
  'parkAt',
  'silentAt',
  'pollAt',
  'pollAfterMs',
  'notBefore',
  'dueAt',
]);

/** What tells one state from the next. */
function gist(state: object): string {
  return JSON.stringify(state, (key, value: unknown) => (TIMES.has(key) ? undefined : value));
}

/** Puts what the task goes on from on its way to Postgres whenever it has changed. */
export class StateKeeper {
  readonly #stores: Stores;
  readonly #history: HistoryOutbox;
  /** The gist of what was put last in this life of the object. */
  #kept = '';

  constructor(stores: Stores, history: HistoryOutbox) {
    this.#stores = stores;
    this.#history = history;
  }

  /** Call after each commit, before anything is waited for: the platform stores both or neither. */
  keep(): void {
    const spec = this.#stores.store.head()?.spec;
    if (spec === undefined) return;
    const { personId, taskId } = spec;
    try {
      const row = taskState(this.#stores);
      const now = gist(row);
      if (now === this.#kept) return;
      this.#history.put({ table: 'task_states', personId, taskId, row });
      this.#kept = now;
    } catch (error) {
      // The task goes on; it could only not be rebuilt to this point.
      log.error('task.state_not_kept', error, { taskId });
    }
  }

  /** Postgres has it as it is now. */
  adopt(): void {
    this.#kept = gist(taskState(this.#stores));
  }

  /** Puts it once more, whatever was put before. */
  keepAgain(): void {
    this.#kept = '';
    this.keep();
  }
}
