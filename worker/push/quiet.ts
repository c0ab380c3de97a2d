import type { QuietHours } from '../../protocol/push.ts';

const MINUTE_MS = 60_000;
const DAY_MINUTES = 24 * 60;

const minutesOf = (time: string): number => {
  const [hours = 0, minutes = 0] = time.split(':').map(Number);
  return hours * 60 + minutes;
};

/** Minutes since midnight by the clock of a time zone. */
function minutesAt(now: number, zone: string): number {
  const parts = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).format(now);
  return minutesOf(parts);
}

/**
 * When something that is to be told now may be sent: now, or when the quiet hours end (ms since the
 * epoch). On a night in which the clocks change, that is up to an hour off: whoever sends asks again.
 */
export function sendAt(quiet: QuietHours | null, now: number): number {
  if (quiet === null) return now;
  const at = minutesAt(now, quiet.zone);
  const [from, to] = [minutesOf(quiet.from), minutesOf(quiet.to)];
  const isQuiet = from <= to ? from <= at && at < to : from <= at || at < to;
  if (!isQuiet) return now;
  const left = (to - at + DAY_MINUTES) % DAY_MINUTES;
  return (Math.floor(now / MINUTE_MS) + left) * MINUTE_MS;
}
