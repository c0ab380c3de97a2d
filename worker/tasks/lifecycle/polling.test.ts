import { expect, it } from 'vitest';
import { StoredRecord } from '../storage/record.ts';
import { recordIn } from '../testing/records.ts';
import { CHECKS_POLL_MS, type Poll, afterPoll } from './polling.ts';

it('pauses grow to their longest in whole milliseconds', () => {
  let poll: Poll = { pollAt: 0, pollAfterMs: CHECKS_POLL_MS.first };
  for (let looks = 0; looks < 20; looks++) {
    poll = afterPoll(poll, CHECKS_POLL_MS, poll.pollAt);
    expect(Number.isInteger(poll.pollAt)).toBe(true);
  }
  expect(poll.pollAfterMs).toBe(CHECKS_POLL_MS.longest);
});

it('a record from when they were not is read all the same', () => {
  const state = { is: 'checking', since: 1, pollAt: 5.5, pollAfterMs: 7.25 } as const;
  expect(StoredRecord.safeParse(recordIn(state)).success).toBe(true);
});
