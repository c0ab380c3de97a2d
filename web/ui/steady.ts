import { type Accessor, createEffect, createSignal, on, onCleanup } from 'solid-js';

/** As long as a finger that is on its way takes to come down where something was. */
export const STEADY_MS = 500;

/** Shows the newest of what comes, but nothing while somebody points at it, and for a moment after. */
export function createSteadiness<T>(parts: {
  show(value: T): void;
  now(): number;
  /** Calls back after so many milliseconds; gives back what stops that. */
  after(ms: number, call: () => void): () => void;
}) {
  const { show, now, after } = parts;
  let newest: { value: T } | null = null;
  let isDown = false;
  let steadyUntil = 0;
  let stop = () => {};
  const showNewest = () => {
    if (newest === null || isDown) return;
    stop();
    const left = steadyUntil - now();
    if (left > 0) {
      stop = after(left, showNewest);
      return;
    }
    const { value } = newest;
    newest = null;
    show(value);
  };
  return {
    take: (value: T) => {
      newest = { value };
      showNewest();
    },
    down: () => {
      isDown = true;
    },
    up: () => {
      isDown = false;
      steadyUntil = now() + STEADY_MS;
      showNewest();
    },
    end: () => stop(),
  };
}

type Row = { readonly id: string };

/** Whether a row that was there stands elsewhere now, so that a finger on its way to it would come down on another. */
export function hasMoved(before: readonly Row[], now: readonly Row[]): boolean {
  return before.some(({ id }, place) => now[place]?.id !== id);
}

/** The rows as they may be shown: they hold still under a finger. `moved` counts how often one of them moved. */
export function steady<T extends Row>(
  source: Accessor<readonly T[]>,
): {
  value: Accessor<readonly T[]>;
  moved: Accessor<number>;
  down(): void;
  up(): void;
} {
  const [value, setValue] = createSignal<readonly T[]>(source());
  const [moved, setMoved] = createSignal(0);
  const steadiness = createSteadiness<readonly T[]>({
    show: (newest) => {
      if (hasMoved(value(), newest)) setMoved((before) => before + 1);
      setValue(() => newest);
    },
    now: () => performance.now(),
    after: (ms, call) => {
      const timer = setTimeout(call, ms);
      return () => clearTimeout(timer);
    },
  });
  createEffect(on(source, (newest) => steadiness.take(newest), { defer: true }));
  onCleanup(() => steadiness.end());
  return { value, moved, down: steadiness.down, up: steadiness.up };
}
