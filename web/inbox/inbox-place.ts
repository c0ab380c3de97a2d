import { createEffect, onCleanup, onMount } from 'solid-js';

const KEY = 'inbox:place';

function kept(): number {
  try {
    return Number(sessionStorage.getItem(KEY) ?? 0);
  } catch {
    return 0;
  }
}

/** How far down one has scrolled outlives a reload and a visit to another place, in this tab only. */
export function keepPlace(list: () => HTMLElement | undefined, hasRows: () => boolean): void {
  let top = kept();
  let isPlaced = false;
  // Once, when the rows are there: what comes later comes where one has scrolled to.
  createEffect(() => {
    if (isPlaced || !hasRows()) return;
    isPlaced = true;
    requestAnimationFrame(() => {
      const element = list();
      if (element !== undefined) element.scrollTop = top;
    });
  });
  // Noted as one scrolls: a list that an item hides says that it stands at its top.
  const note = () => {
    const element = list();
    if (isPlaced && element !== undefined && element.clientHeight > 0) top = element.scrollTop;
  };
  const remember = () => {
    try {
      sessionStorage.setItem(KEY, String(top));
    } catch {
      // A private window: the list begins at its beginning.
    }
  };
  onMount(() => {
    list()?.addEventListener('scroll', note, { passive: true });
    addEventListener('pagehide', remember);
    onCleanup(() => {
      removeEventListener('pagehide', remember);
      remember();
    });
  });
}
