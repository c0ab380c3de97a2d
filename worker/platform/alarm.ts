import { log } from './log.ts';

/** What is due now is under way already; the alarm is there in case that ends early. */
export const ALARM_AT_LEAST_MS = 2_000;
/** An alarm comes within seconds of its time, or not at all. */
const ALARM_LOST_AFTER_MS = 30_000;
/** Pauses after alarms that failed one after another: what is broken is looked at again, and not hot. */
const FAILED_PAUSES_MS = { first: 5_000, longest: 10 * 60_000 };

/**
 * The time to set an object's one alarm to, or null to leave it as it is: nothing is due, or it goes
 * off early enough by itself. It is never moved to later, because whoever set it may know more. One
 * whose time is long over was lost and counts as not set: it will not come by itself any more.
 *
 * @param times when something is due, in milliseconds since 1970; null where nothing is.
 * @param scheduled when the alarm goes off now; null when it is not set.
 */
export function nextAlarm(
  times: readonly (number | null)[],
  now: number,
  scheduled: number | null,
): number | null {
  const due = times.filter((time) => time !== null);
  if (due.length === 0) return null;
  const wanted = Math.max(Math.min(...due), now + ALARM_AT_LEAST_MS);
  const isLost = scheduled !== null && scheduled < now - ALARM_LOST_AFTER_MS;
  return scheduled === null || isLost || wanted < scheduled ? wanted : null;
}

/** How long to wait after so many failures in a row, from 1. */
export function pauseAfterFailures(failures: number): number {
  const { first, longest } = FAILED_PAUSES_MS;
  return Math.min(first * 2 ** (failures - 1), longest);
}

/**
 * The one alarm of an object, which is all that wakes it for certain. The platform tries an alarm
 * that throws six times and then drops it; so here it never throws, and is set again whatever
 * happened, after failures with a pause that grows.
 */
export class Alarm {
  readonly #storage: Pick<DurableObjectStorage, 'getAlarm' | 'setAlarm'>;
  readonly #times: () => (number | null)[];
  #failures = 0;
  /** After a failure, when its work may be tried again. */
  #notBefore = 0;

  /** @param times when something is due, as `nextAlarm` takes it. */
  constructor(
    storage: Pick<DurableObjectStorage, 'getAlarm' | 'setAlarm'>,
    times: () => (number | null)[],
  ) {
    this.#storage = storage;
    this.#times = times;
  }

  /** Sets the alarm to what is due first; not earlier than a failure before allows. */
  async set(): Promise<void> {
    const times = this.#times().map((time) =>
      time === null ? null : Math.max(time, this.#notBefore),
    );
    const at = nextAlarm(times, Date.now(), await this.#storage.getAlarm());
    if (at !== null) await this.#storage.setAlarm(at);
  }

  /** Sets the alarm to go off by then, whatever else is due. */
  async setWithin(ms: number): Promise<void> {
    const now = Date.now();
    const at = nextAlarm([now + ms], now, await this.#storage.getAlarm());
    if (at !== null) await this.#storage.setAlarm(at);
  }

  /** What the object's `alarm` handler does. */
  async goOff(work: () => Promise<void>): Promise<void> {
    try {
      await work();
      this.#notBefore = 0;
      await this.set();
      this.#failures = 0;
    } catch (error) {
      this.#failures++;
      const pauseMs = pauseAfterFailures(this.#failures);
      log.error('alarm.failed', error, { failures: this.#failures, pauseMs });
      this.#notBefore = Date.now() + pauseMs;
      await this.#storage.setAlarm(this.#notBefore);
    }
  }
}
