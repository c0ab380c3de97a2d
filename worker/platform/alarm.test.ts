import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ALARM_AT_LEAST_MS, Alarm, nextAlarm, pauseAfterFailures } from './alarm.ts';

const NOW = 1_000_000;
const SOON = NOW + ALARM_AT_LEAST_MS;

beforeEach(() => vi.useFakeTimers({ toFake: ['Date'], now: NOW }));
afterEach(() => vi.useRealTimers());

describe('the time of the alarm', () => {
  it.each([
    ['nothing is due', [null, null], null, null],
    ['something is due later', [null, NOW + 60_000, NOW + 9_000], null, NOW + 9_000],
    ['something was due before', [NOW - 60_000], null, SOON],
    ['it is set for later', [NOW + 9_000], NOW + 10_000, NOW + 9_000],
    ['it goes off early enough', [NOW + 9_000], NOW + 8_000, null],
    ['it is set and nothing is due', [null], NOW + 8_000, null],
    ['its time is only just over', [NOW + 9_000], NOW - 20_000, null],
    ['its time is long over and it never came', [NOW + 9_000], NOW - 31_000, NOW + 9_000],
    ['it never came and nothing is due', [null], NOW - 31_000, null],
  ])('when %s', (_, times, scheduled, expected) => {
    expect(nextAlarm(times, NOW, scheduled)).toBe(expected);
  });
});

/** Storage that holds an alarm alone. */
function storage() {
  const kept: {
    at: number | null;
    getAlarm(): Promise<number | null>;
    setAlarm(at: number | Date): Promise<void>;
  } = {
    at: null,
    getAlarm: async () => kept.at,
    setAlarm: async (at) => {
      kept.at = Number(at);
    },
  };
  return kept;
}

describe('an alarm whose work throws', () => {
  it('is set again, later after each failure, and soon again once it went well', async () => {
    const kept = storage();
    const alarm = new Alarm(kept, () => [NOW]);
    const pauses: number[] = [];
    for (let failures = 1; failures <= 10; failures++) {
      kept.at = null;
      await alarm.goOff(() => Promise.reject(new Error('It broke.')));
      pauses.push((kept.at ?? 0) - NOW);
    }
    expect(pauses.slice(0, 3)).toEqual([5_000, 10_000, 20_000]);
    expect(pauses.at(-1)).toBe(10 * 60_000);
    kept.at = null;
    await alarm.goOff(async () => {});
    expect(kept.at).toBe(SOON);
    kept.at = null;
    await alarm.goOff(() => Promise.reject(new Error('It broke.')));
    expect(kept.at).toBe(NOW + pauseAfterFailures(1));
  });

  it('is set again though nobody can tell what is due', async () => {
    const kept = storage();
    const alarm = new Alarm(kept, () => {
      throw new Error('A row cannot be read.');
    });
    await alarm.goOff(async () => {});
    expect(kept.at).toBe(NOW + pauseAfterFailures(1));
  });
});
