import { createEffect, onMount } from 'solid-js';
import * as z from 'zod/mini';
import { keptInTab, onLeaving } from '../ui/kept-in-tab.ts';

const inboxPlace = keptInTab('inbox:place', z.number(), 0);

/** How far down one has scrolled outlives a reload and a visit to another place, in this tab only. */
export function keepPlace(list: () => HTMLElement | undefined, hasRows: () => boolean): void {
  let top = inboxPlace.read();
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
  onMount(() => list()?.addEventListener('scroll', note, { passive: true }));
  onLeaving(() => inboxPlace.write(top));
}
