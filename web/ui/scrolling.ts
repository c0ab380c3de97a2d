import { createSignal, onCleanup } from 'solid-js';
import { type AimParts, createAim } from './aim.ts';

/**
 * A list that grows at its end: who is at the end stays there, who is elsewhere stays there, too.
 * Rows that get their height move what is seen as well, and are not taken for somebody scrolling.
 */
export function createScrolling<Row>(
  parts: AimParts<Row> & {
    /** Closer to the end than this counts as being there. */
    nearEndPx: number;
    /** Whether what is below all rows is the end, and not only that of what is there now. */
    isWhole?(): boolean;
  },
) {
  const { scroller, nearEndPx, isWhole = () => true } = parts;
  const [atEnd, setAtEnd] = createSignal(true);
  let [top, height, isPerson] = [0, 0, false];

  const look = () => {
    const element = scroller();
    if (element === undefined) return;
    const { scrollTop, scrollHeight, clientHeight } = element;
    // What changes its height moves by itself.
    const isUp = scrollTop < top - 1 && (isPerson || scrollHeight === height);
    [top, height] = [scrollTop, scrollHeight];
    if (aim.isOnItsWay()) return;
    if (scrollHeight - scrollTop - clientHeight < nearEndPx) setAtEnd(isWhole());
    else if (isUp || !isWhole()) setAtEnd(false);
  };
  const aim = createAim({ ...parts, onThere: look });
  const observer = new ResizeObserver(() => {
    const element = scroller();
    if (element !== undefined && atEnd()) element.scrollTop = element.scrollHeight;
  });
  onCleanup(() => observer.disconnect());
  return {
    atEnd,
    top: () => top,
    look,
    /** Whatever makes this grow: who was at the end stays there. */
    watch: (element: Element) => observer.observe(element),
    /** Stays where it is, whatever comes at the end. */
    hold: () => setAtEnd(false),
    toEnd: () => {
      setAtEnd(true);
      aim.toEnd();
    },
    /** False where there is no such row. */
    toRow: (...to: Parameters<typeof aim.toRow>): boolean => {
      const isThere = aim.toRow(...to);
      if (isThere) setAtEnd(false);
      return isThere;
    },
    /** Nothing moves any more. */
    onScrollEnd: () => {
      isPerson = false;
    },
    /** A wheel, a finger, a key or a pointer at what scrolls: what moves next may be theirs. */
    byPerson: () => {
      isPerson = true;
      aim.leave();
    },
  };
}
