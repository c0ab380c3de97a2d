const FIRST_MS = 250;
const LONGEST_MS = 10_000;

/** Pause before the next try: doubled each time, with a random half so that clients spread. */
export function reconnectPause(tries: number, random: number): number {
  const full = Math.min(FIRST_MS * 2 ** tries, LONGEST_MS);
  return full / 2 + (full / 2) * random;
}
