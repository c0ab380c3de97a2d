import type { IconName } from '../ui/icons.tsx';
import { holdsAll, wordsOf } from '../ui/words.ts';

/** Something that the palette offers. */
export type Entry = {
  /** Names it among the others: stays the same while the list changes. */
  id: string;
  label: string;
  /** What stands beside it: a key, a status, a repository. */
  note: string;
  icon: IconName;
  /** Further words by which it is found. */
  also: string;
  /** Where it leads, or what it does. */
  to: string | (() => void);
};

/** Most that is listed: whoever wants another one types another letter. */
const LISTED_MAX = 30;

/** How well an entry fits: its name begins so, one of its words does, it is only somewhere in it, or beside it. */
function fit({ label, note }: Entry, words: readonly string[]): number {
  const [first = ''] = words;
  if (!holdsAll(`${label} ${note}`, words)) return 3;
  const name = wordsOf(label).join(' ');
  if (name.startsWith(first)) return 0;
  return name.includes(` ${first}`) ? 1 : 2;
}

/** The entries that hold all that was typed, the best first; in their own order where nothing was. */
export function matching(entries: readonly Entry[], typed: string): Entry[] {
  const words = wordsOf(typed);
  if (words.length === 0) return entries.slice(0, LISTED_MAX);
  return entries
    .filter(({ label, note, also }) => holdsAll(`${label} ${note} ${also}`, words))
    .toSorted((one, other) => fit(one, words) - fit(other, words))
    .slice(0, LISTED_MAX);
}
