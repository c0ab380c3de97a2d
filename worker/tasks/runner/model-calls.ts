import type { CallUsage, ModelCall } from '../../models/model-call.ts';
import type { Pass } from '../../gateway/pass.ts';
import { type Admitted, ok, refuse } from '../../gateway/refusal.ts';
import { log } from '../../platform/log.ts';
import { LongPoll } from '../../platform/long-poll.ts';
import type { TaskAggregate } from '../aggregate.ts';
import type { OpenCalls, ThreadApi } from '../api.ts';
import type { ReservationStore } from '../storage/reservations.ts';
import type { TaskStore } from '../storage/task-store.ts';
import type { RunnerApi } from './runner-api.ts';

/** How long a call waits for others to end before it is told to ask again. */
const HELD_MS = 60_000;
/** A call under way is told of more often than that: whoever made it is gone. */
export const SILENT_MS = 60_000;

type Parts = {
  store: TaskStore;
  reservations: ReservationStore;
  aggregate: TaskAggregate;
  runnerApi: RunnerApi;
  thread: (personId: string) => ThreadApi;
};

/**
 * The money for a task's calls to the model. Each call sets its worst case aside before it is sent, and
 * is let through only while what is spent and what is set aside for others is less than the budget, the
 * task's and the person's day's: so a budget is passed by one call at most. Others wait until one ends.
 */
export class ModelCalls {
  readonly #parts: Parts;
  readonly #released = new LongPoll();
  /** They ask one after another: each has to see what the one before it set aside. */
  #last: Promise<unknown> = Promise.resolve();
  /** The revision of the word with which the day's money is being asked for. */
  #asks: number | null = null;
  #revision = 0;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Sets a call's worst case aside. False where it has to be asked for again later. */
  reserve(pass: Pass, call: ModelCall): Promise<Admitted<boolean>> {
    const until = Date.now() + HELD_MS;
    const turn = this.#last.then(() => this.#reserve(pass, call, until));
    this.#last = turn.catch(() => {});
    return turn;
  }

  async #reserve(pass: Pass, call: ModelCall, until: number): Promise<Admitted<boolean>> {
    for (;;) {
      const admitted = this.#parts.runnerApi.admitModel(pass);
      if (admitted.is === 'refused') return admitted;
      if (this.#fits()) {
        const { personId, taskId } = admitted.value;
        const day = await this.#askDay(personId, taskId, call.worst);
        if (day === null)
          return refuse('unavailable', 'The budget of the day cannot be asked now.');
        if (day.is === 'over') return this.#stop(day);
        if (day.is === 'ok') {
          this.#parts.reservations.add(call, Date.now());
          return ok(true);
        }
      }
      const left = until - Date.now();
      if (left <= 0) return ok(false);
      await this.#released.wait(Math.min(left, SILENT_MS));
    }
  }

  /** It is under way, and has used this much as far as is known. */
  goesOn(id: string, usage: CallUsage | null): void {
    this.#parts.reservations.heard(id, usage, Date.now());
  }

  /** It is over; `null` where it cost nothing. */
  ended(id: string, usage: CallUsage | null): void {
    this.#parts.store.transaction(() => {
      this.#parts.reservations.remove(id);
      if (usage !== null) this.#parts.aggregate.meter(usage);
    });
    this.#released.wake();
  }

  /** Those of which nothing is heard any more are charged with what is known of them. */
  endSilent(now: number): void {
    const first = this.#parts.reservations.heardFirst();
    if (first === null || first > now - SILENT_MS) return;
    this.#parts.store.transaction(() => {
      for (const usage of this.#parts.reservations.takeSilent(now - SILENT_MS)) {
        const { taskId } = this.#parts.aggregate.spec();
        log.warn('task.model_call_lost', { taskId, call: usage.id, cost: usage.cost });
        this.#parts.aggregate.meter({ ...usage, isEstimated: true });
      }
    });
    this.#released.wake();
  }

  /** When `endSilent` has something to do. */
  wakeAt(): number | null {
    const first = this.#parts.reservations.heardFirst();
    return first === null ? null : first + SILENT_MS;
  }

  /** What is set aside now, for the main thread. */
  open(): OpenCalls {
    // Also after a restart each is greater than all before it.
    this.#revision = Math.max(this.#revision + 1, Date.now());
    const { worst } = this.#parts.reservations.open();
    return { worst, revision: this.#revision, asks: this.#asks };
  }

  /** Whether what others may cost leaves something of the task's budget; the first always has what is left. */
  #fits(): boolean {
    const { budget } = this.#parts.store;
    const { calls, worst } = this.#parts.reservations.open();
    return budget === null || calls === 0 || this.#parts.store.usage.total().cost + worst < budget;
  }

  async #askDay(personId: string, taskId: string, worst: number) {
    const open = this.open();
    this.#asks = open.revision;
    try {
      return await this.#parts.thread(personId).reserveOfDay(taskId, worst, open);
    } catch (error) {
      log.warn('task.day_not_asked', { taskId, error: String(error) });
      return null;
    } finally {
      this.#asks = null;
    }
  }

  #stop({ limit, used }: { limit: number; used: number }): Admitted<never> {
    const scope = 'day' as const;
    this.#parts.store.transaction(() =>
      this.#parts.aggregate.apply({
        on: 'pause',
        what: { for: 'budget', scope },
        budget: { scope, limit, used },
      }),
    );
    return refuse('over_budget', 'The budget of the day is spent: no model call is made now.');
  }
}
