import { setTimeout as sleep } from 'node:timers/promises';

/** As a shell says of a process that SIGTERM ended: nothing went wrong, the sandbox had to go. */
export const EXIT_LEAVING = 143;
/** How long something that failed waits for the order to go, which may have been its reason. */
const ORDER_WITHIN_MS = 500;

/**
 * The order to go, as a signal or the end of the leash. It goes to the whole process tree, in no
 * certain order: git and Claude Code may be seen to die of it before the order is heard here. Whatever
 * fails after it is no failure of the task, and the next sandbox goes on from the checkpoint.
 */
export class Leaving {
  readonly #exit: (code: number) => void;
  readonly #orderWithinMs: number;
  #keep: () => Promise<unknown> = () => Promise.resolve();
  #isLeaving = false;

  constructor(exit: (code: number) => void, orderWithinMs = ORDER_WITHIN_MS) {
    this.#exit = exit;
    this.#orderWithinMs = orderWithinMs;
  }

  /** What puts the work into safety, from when there is some. */
  set keep(keep: () => Promise<unknown>) {
    this.#keep = keep;
  }

  /** @param withinMs time for a last checkpoint. */
  leave(withinMs: number): void {
    if (this.#isLeaving) return;
    this.#isLeaving = true;
    const exit = () => this.#exit(EXIT_LEAVING);
    setTimeout(exit, withinMs).unref();
    void this.#keep().finally(exit);
  }

  /** Resolves at once while nobody has to go, and otherwise never: what comes next is for another sandbox. */
  async unlessLeaving(): Promise<void> {
    if (this.#isLeaving) await new Promise<never>(() => {});
  }

  /** The same for what failed: with a moment for an order that is on its way. */
  async afterFailure(): Promise<void> {
    await sleep(this.#orderWithinMs);
    await this.unlessLeaving();
  }
}
