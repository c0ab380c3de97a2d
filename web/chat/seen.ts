const KEY = 'chat:seen';

/**
 * How far the conversation was seen on this device: the log number of the newest message that was on
 * the screen. Null before anything was: then nothing is called new.
 */
export const seen = {
  read(): number | null {
    try {
      const kept = Number(localStorage.getItem(KEY));
      return kept > 0 ? kept : null;
    } catch {
      return null;
    }
  },
  write(seq: number): void {
    try {
      localStorage.setItem(KEY, String(seq));
    } catch {
      // A private window: what is new is known as long as the page lives.
    }
  },
};

type Said = { from: 'person' | 'mainloop'; seq: number };

/** What Mainloop has said since; whoever wrote meanwhile, here or elsewhere, has read what was before. */
function unseen(messages: readonly Said[], upTo: number | null): Said[] {
  if (upTo === null) return [];
  const last = messages.findLastIndex(({ from, seq }) => from === 'person' || seq <= upTo);
  return messages.slice(last + 1).filter(({ seq }) => seq > upTo);
}

/** The log number of the first message that is new; null when none is. */
export function firstUnseen(messages: readonly Said[], upTo: number | null): number | null {
  return unseen(messages, upTo)[0]?.seq ?? null;
}

export function countUnseen(messages: readonly Said[], upTo: number | null): number {
  return unseen(messages, upTo).length;
}
