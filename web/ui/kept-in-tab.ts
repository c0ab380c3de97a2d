import { onCleanup, onMount } from 'solid-js';
import type * as z from 'zod/mini';

/** A value that outlives a reload and a visit to another place, in this tab only. */
export function keptInTab<T>(key: string, schema: z.ZodMiniType<T>, beginning: T) {
  return {
    read(): T {
      try {
        const kept = schema.safeParse(JSON.parse(sessionStorage.getItem(key) ?? 'null'));
        return kept.success ? kept.data : beginning;
      } catch {
        return beginning;
      }
    },
    write(value: T): void {
      try {
        sessionStorage.setItem(key, JSON.stringify(value));
      } catch {
        // A private window: it begins at its beginning.
      }
    },
  };
}

/** Calls this when the place is left, or the page; to be asked for in a component. */
export function onLeaving(leave: () => void): void {
  onMount(() => {
    addEventListener('pagehide', leave);
    onCleanup(() => {
      removeEventListener('pagehide', leave);
      leave();
    });
  });
}
