/** A finger that has moved so far goes somewhere: along the row, or along the page. */
const LOCK_PX = 10;
/** Let go beyond it, the row's action is done. */
export const ACT_PX = 96;
/** The row follows no further than that. */
const MOST_PX = 160;

/** A finger on a row: not moved yet, pulling the row to the left, or scrolling the page. */
type Finger =
  | { is: 'down'; x: number; y: number }
  | { is: 'pulling'; x: number; px: number }
  | { is: 'scrolling' };

/**
 * Reads a pull to the left from where a finger goes. The axis is decided once: whoever began to scroll
 * scrolls on, and a pull that wavers stays a pull.
 */
export class SwipeReader {
  #finger: Finger | null = null;

  /** How far the row is pulled. */
  get px(): number {
    return this.#finger?.is === 'pulling' ? this.#finger.px : 0;
  }

  get isPulling(): boolean {
    return this.#finger?.is === 'pulling';
  }

  down(x: number, y: number): void {
    this.#finger = { is: 'down', x, y };
  }

  move(x: number, y: number): void {
    const finger = this.#finger;
    if (finger === null || finger.is === 'scrolling') return;
    if (finger.is === 'down') {
      const [along, across] = [finger.x - x, Math.abs(finger.y - y)];
      if (Math.max(Math.abs(along), across) < LOCK_PX) return;
      // The row has one action, on one side: the other way is nobody's.
      this.#finger =
        along > across ? { is: 'pulling', x: finger.x - LOCK_PX, px: 0 } : { is: 'scrolling' };
      return this.move(x, y);
    }
    this.#finger = { ...finger, px: Math.min(MOST_PX, Math.max(0, finger.x - x)) };
  }

  /** The finger is gone. True when the row's action is to be done. */
  up(): boolean {
    const acts = this.px >= ACT_PX;
    this.#finger = null;
    return acts;
  }

  /** The page took the finger: nothing is done. */
  cancel(): void {
    this.#finger = null;
  }
}
