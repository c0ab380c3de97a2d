import { createSignal } from 'solid-js';
import { exactText, locale } from './locale.ts';

const TICK_MS = 1_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

const [now, setNow] = createSignal(Date.now());
setInterval(() => setNow(Date.now()), TICK_MS);

/** The time that relative times are counted from; moves by itself. */
export { now };

/** A span in the two letters that a row has room for. */
export function spanText(ms: number): string {
  if (ms < MINUTE_MS) return `${Math.max(0, Math.floor(ms / 1_000))} s`;
  if (ms < HOUR_MS) return `${Math.floor(ms / MINUTE_MS)} min`;
  if (ms < DAY_MS) return `${Math.floor(ms / HOUR_MS)} h`;
  return `${Math.floor(ms / DAY_MS)} d`;
}

/** How long ago it was, in words. */
function agoText(at: number): string {
  const age = Math.max(0, now() - at);
  return age < MINUTE_MS ? 'now' : `${spanText(age)} ago`;
}

export function Ago(props: { at: number; class?: string }) {
  return (
    <time
      class={props.class ?? ''}
      datetime={new Date(props.at).toISOString()}
      title={exactText(props.at)}
    >
      {agoText(props.at)}
    </time>
  );
}

/** Dollars as a row shows them. */
export function costText(cost: number): string {
  if (cost === 0) return '$0';
  return cost < 0.01 ? '<$0.01' : dollars(cost);
}

/** Dollars to the cent, where a person decides by them. */
export function dollars(amount: number): string {
  return `$${amount.toFixed(2)}`;
}

/** A time of the day, with the day where that is another one. */
export function clockText(at: number): string {
  const time = new Date(at);
  const clock = time.toLocaleTimeString(locale(), { hour: '2-digit', minute: '2-digit' });
  return time.toDateString() === new Date(now()).toDateString()
    ? clock
    : `${time.toLocaleDateString(locale())} ${clock}`;
}

/** The time of the day, where the day is said elsewhere. */
export function TimeOfDay(props: { at: number }) {
  return (
    <time
      datetime={new Date(props.at).toISOString()}
      title={new Date(props.at).toLocaleString(locale())}
    >
      {new Date(props.at).toLocaleTimeString(locale(), { hour: '2-digit', minute: '2-digit' })}
    </time>
  );
}

/** A day as people call it: `Today`, `Yesterday`, `Tuesday, 3 November`, with the year where it is another. */
export function dayText(at: number, today: number): string {
  const day = new Date(at);
  const other = new Date(today);
  if (day.toDateString() === other.toDateString()) return 'Today';
  other.setDate(other.getDate() - 1);
  if (day.toDateString() === other.toDateString()) return 'Yesterday';
  const isThisYear = day.getFullYear() === new Date(today).getFullYear();
  return day.toLocaleDateString(locale(), {
    weekday: 'long',
    day: 'numeric',
    month: 'long',
    ...(isThisYear ? {} : { year: 'numeric' }),
  });
}
