/** Requests for mail that are held open until there is some. */
export class LongPoll {
  readonly #waiting = new Set<() => void>();

  /** Resolves when `wake` is called, at the latest after `waitMs`. */
  wait(waitMs: number): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.#waiting.delete(done);
        resolve();
      };
      const timer = setTimeout(done, waitMs);
      this.#waiting.add(done);
    });
  }

  wake(): void {
    for (const done of this.#waiting) done();
  }
}
