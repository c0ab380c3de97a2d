import { onCleanup } from 'solid-js';
import type { VirtualizerHandle } from 'virtua/solid';

/** Frames in which nothing may move any more: rows get their heights one or two frames after they came. */
const STILL_FRAMES = 3;

type Options = { align: 'start' | 'center'; offset?: number };
type Aim<Row> = { row: Row; options: Options } | 'end';

export type AimParts<Row> = {
  list(): VirtualizerHandle | undefined;
  scroller(): HTMLElement | undefined;
  /** Where a row stands now, -1 where it is not there. */
  indexOf(row: Row): number;
  /** Calls back with the next frame. */
  nextFrame?(call: () => void): void;
};

/**
 * Brings a list to a row, or to its end, and stays on it until every row on the way there has its
 * height: each that gets it moves what comes after it. It counts frames, since on a busy machine
 * any time is too short. Whoever scrolls meanwhile has `leave` called, and is let go.
 */
export function createAim<Row>(parts: AimParts<Row> & { onThere?(): void }) {
  const { nextFrame = (call) => requestAnimationFrame(call) } = parts;
  let aim: Aim<Row> | null = null;
  let isAsked = false;
  let before: number[] | null = null;
  let still = 0;

  /** Scrolls, and says where things stand then: null where nothing can be seen of it now. */
  const scroll = (to: Aim<Row>): number[] | null => {
    const [list, element] = [parts.list(), parts.scroller()];
    if (element === undefined || element.clientHeight === 0) return null;
    if (to === 'end') {
      element.scrollTop = element.scrollHeight;
      return [element.scrollHeight];
    }
    const index = parts.indexOf(to.row);
    if (list === undefined || index === -1 || list.viewportSize === 0) return null;
    list.scrollToIndex(index, to.options);
    return [element.scrollTop, list.getItemOffset(index), list.getItemSize(index)];
  };
  /** A text that is being written at the end only makes it longer: that is nothing to wait for. */
  const isStill = (was: number[] | null, is: number[] | null) =>
    was !== null &&
    is !== null &&
    is.every((number, place) =>
      aim === 'end' ? number >= (was[place] ?? 0) : number === was[place],
    );
  const leave = () => {
    aim = null;
  };
  const ask = () => {
    if (isAsked) return;
    isAsked = true;
    nextFrame(look);
  };
  const look = () => {
    isAsked = false;
    if (aim === null) return;
    const now = scroll(aim);
    still = isStill(before, now) ? still + 1 : 0;
    before = now;
    if (still < STILL_FRAMES) return ask();
    aim = null;
    parts.onThere?.();
  };
  const begin = (to: Aim<Row>) => {
    aim = to;
    still = 0;
    before = scroll(to);
    ask();
  };
  onCleanup(leave);
  return {
    /** False where there is no such row. */
    toRow: (row: Row, options: Options): boolean => {
      if (parts.indexOf(row) === -1) return false;
      begin({ row, options });
      return true;
    },
    toEnd: () => begin('end'),
    leave,
    isOnItsWay: () => aim !== null,
  };
}
