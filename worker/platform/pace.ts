/** `atOnce` may come together; what they took comes back with `perSecond`. */
export type PaceBounds = { readonly atOnce: number; readonly perSecond: number };

/** Bounds how fast something may come (a token bucket). In memory: whole again after its object has slept. */
export class Pace {
  readonly #bounds: PaceBounds;
  #left: number;
  #at = 0;

  constructor(bounds: PaceBounds) {
    this.#bounds = bounds;
    this.#left = bounds.atOnce;
  }

  /** Takes one and says 0, or how long until there is one again, in milliseconds. @param now in milliseconds. */
  take(now: number): number {
    const { atOnce, perSecond } = this.#bounds;
    const passed = Math.max(0, now - this.#at) / 1_000;
    this.#left = Math.min(atOnce, this.#left + passed * perSecond);
    this.#at = now;
    if (this.#left < 1) return Math.ceil(((1 - this.#left) / perSecond) * 1_000);
    this.#left -= 1;
    return 0;
  }
}
