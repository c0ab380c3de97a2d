import { createEffect, createMemo, createSignal, on, onCleanup, untrack } from 'solid-js';
import type { Message } from '../../protocol/message.ts';
import { countUnseen, firstUnseen, seen } from './seen.ts';

/** What is new to the person: from where on, how much, and when they are back at the page. */
export function createNews(parts: {
  /** The newest messages, oldest first. */
  newest(): readonly Message[];
  /** What the server says now, and not what was kept. */
  isLive(): boolean;
  isAtEnd(): boolean;
}) {
  const [upTo, setUpTo] = createSignal(seen.read());
  const [newFrom, setNewFrom] = createSignal(firstUnseen(untrack(parts.newest), seen.read()));
  const [isVisible, setIsVisible] = createSignal(document.visibilityState === 'visible');
  const [returned, setReturned] = createSignal(0);
  /** True once what was missed is there: what comes then comes before the person's eyes. */
  let isCaughtUp = false;

  const look = () => setNewFrom(firstUnseen(untrack(parts.newest), untrack(upTo)));
  const see = (last: number) => {
    if (last <= (untrack(upTo) ?? 0)) return;
    setUpTo(last);
    seen.write(last);
  };
  const onVisibility = () => {
    const visible = document.visibilityState === 'visible';
    if (visible) {
      look();
      setReturned((times) => times + 1);
    }
    setIsVisible(visible);
  };
  document.addEventListener('visibilitychange', onVisibility);
  onCleanup(() => document.removeEventListener('visibilitychange', onVisibility));

  createEffect(
    on(
      [parts.newest, parts.isLive, parts.isAtEnd, isVisible],
      ([newest, isLive, atEnd, visible]) => {
        const last = newest.at(-1);
        if (last === undefined) return;
        const isWatched = visible && atEnd;
        // Whoever writes has read; and what they missed is marked once, with what has come since.
        if (last.from === 'person' && isCaughtUp) setNewFrom(null);
        else if ((!isCaughtUp || !isWatched) && newFrom() === null) {
          look();
          if (!isCaughtUp && newFrom() !== null) setReturned((times) => times + 1);
        }
        if (isLive) isCaughtUp = true;
        if (isWatched && isLive) see(last.seq);
      },
    ),
  );

  return {
    newFrom,
    /** How many there are that were not on the screen yet. */
    count: createMemo(() => countUnseen(parts.newest(), upTo())),
    /** Counts the times that the person came to what they had missed. */
    returned,
  };
}
