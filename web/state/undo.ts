import { newId } from '../net/new-id.ts';
import type { HeldCommand, NewCommand } from './state.ts';

/** As long as a person needs to see what they have done. */
export const UNDO_MS = 8_000;

/**
 * Holds back what cannot be undone once it is done. A page that goes out of sight sends it at once:
 * there nobody sees the way back any more, and the page may never come again.
 */
export function createHolding(parts: {
  held(): readonly HeldCommand[];
  setHeld(held: HeldCommand[]): void;
  act(command: NewCommand): void;
}) {
  const { held, setHeld, act } = parts;
  const timers = new Map<string, ReturnType<typeof setTimeout>>();
  const take = (id: string): HeldCommand | undefined => {
    const one = held().find((other) => other.id === id);
    clearTimeout(timers.get(id));
    timers.delete(id);
    setHeld(held().filter((other) => other.id !== id));
    return one;
  };
  const send = (id: string) => {
    const one = take(id);
    if (one !== undefined) act(one.command);
  };
  const sendAll = () => {
    for (const { id } of held()) send(id);
  };
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'hidden') sendAll();
  });
  addEventListener('pagehide', sendAll);
  return {
    hold: (command: NewCommand, words: string) => {
      // Pressed twice, or here and in the inbox: it is one thing to be done, and one to be taken back.
      const wanted = JSON.stringify(command);
      if (held().some((other) => JSON.stringify(other.command) === wanted)) return;
      const id = newId();
      setHeld([...held(), { id, command, words, until: Date.now() + UNDO_MS }]);
      timers.set(
        id,
        setTimeout(() => send(id), UNDO_MS),
      );
    },
    undo: (id: string) => void take(id),
  };
}
