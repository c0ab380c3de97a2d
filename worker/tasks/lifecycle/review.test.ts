import { describe, expect, it } from 'vitest';
import { NOTHING_LEFT } from '../../../protocol/inbox.ts';
import {
  CHECKS_APPEAR_MS,
  CHECKS_WITHIN_MS,
  DELIVERING_AGAIN_MS,
  DELIVERING_TRIES,
  ROUNDS_MAX,
  type TaskRecord,
  type TaskState,
  dueAt,
} from './state.ts';
import { REVIEW_POLL_MS } from './polling.ts';
import { type TaskTrigger, transition } from './transition.ts';
import { DELIVERED, NOW, PULL_REQUEST, STATES, recordIn, PASSED } from '../testing/records.ts';
import { OPENED, after } from '../testing/triggers.ts';

describe('delivery', () => {
  const again = (state: TaskState, retryAfterMs: number | null) =>
    after(recordIn(state), { on: 'delivery_failed', reason: 'GitHub is away.', retryAfterMs });

  it('is tried again when it may, but only so many times', () => {
    let state: TaskState = STATES.delivering;
    for (let tries = 1; tries < DELIVERING_TRIES; tries++) {
      ({ state } = again(state, 5_000).record);
      expect(state).toMatchObject({ is: 'delivering', tries, notBefore: NOW + 5_000 });
    }
    expect(again(state, 5_000).record.state).toEqual({ is: 'failed', reason: 'GitHub is away.' });
  });

  it('waits for as long as the host says, beyond its own deadline, and says why', () => {
    const { record, effects } = again(STATES.delivering, 60 * 60_000);
    const notBefore = NOW + 60 * 60_000;
    expect(record.state).toMatchObject({ notBefore, deadline: notBefore + DELIVERING_AGAIN_MS });
    expect(effects).toEqual([{ do: 'note', text: expect.stringContaining('GitHub is away.') }]);
    expect(transition(record, { on: 'time' }, notBefore)).toBeNull();
  });

  it('files a failure and says so when there is no use in trying', () => {
    expect(again(STATES.delivering, null).effects).toEqual([
      { do: 'open_failure', reason: 'GitHub is away.' },
      { do: 'notice', notice: { is: 'failed', reason: 'GitHub is away.' } },
    ]);
  });

  it('keeps the pull request for good, and asks for its checks before the person is', () => {
    const delivering = recordIn(STATES.delivering, { pullRequest: null, delivered: null });
    const { record, effects } = after(delivering, OPENED);
    expect(record).toMatchObject({
      pullRequest: PULL_REQUEST,
      delivered: { commit: DELIVERED.commit, summary: DELIVERED.summary },
    });
    expect(effects).toEqual([]);
  });
});

describe('a follow-up that adds nothing', () => {
  const claim = 'I rewrote all of it.';
  const said = { do: 'note', text: `No changes since. The worker says: ${claim}` };
  const unchanged = { commit: DELIVERED.commit, summary: DELIVERED.summary, unchanged: true };

  it('leaves what was said of the pull request, and its worker’s claim stands in the activity', () => {
    const nothing = { is: 'nothing_to_deliver', summary: claim } as const;
    const working = recordIn(STATES.working);
    const trigger = { on: 'result', generation: working.generation, result: nothing } as const;
    const ended = after(working, trigger);
    expect(ended.record.delivered).toMatchObject(unchanged);
    expect(ended.effects).toContainEqual(said);
    const result = { ...DELIVERED, summary: claim };
    const pushedNothing = after(recordIn({ ...STATES.delivering, result }), OPENED);
    expect(pushedNothing.record.delivered).toMatchObject(unchanged);
    expect(pushedNothing.effects).toEqual([said]);
  });

  it('says so to whoever reviews, until something is pushed', () => {
    const { record } = after(recordIn(STATES.delivering), OPENED);
    const passed: TaskTrigger = {
      on: 'checks_seen',
      seen: { is: 'passed', count: 1, names: ['test'] },
    };
    const summaryIn = (one: TaskRecord) =>
      after(one, passed).effects.flatMap((effect) =>
        effect.do === 'open_review' ? [effect.summary] : [],
      );
    expect(summaryIn(record)).toEqual([`No changes since. ${DELIVERED.summary}`]);
    const moved = after(record, { on: 'head_moved', commit: 'd'.repeat(40) });
    expect(summaryIn(moved.record)).toEqual([DELIVERED.summary]);
    const result = { ...DELIVERED, commit: 'e'.repeat(40), summary: 'More.' };
    const pushed = after(
      { ...record, state: { ...STATES.delivering, result } },
      { ...OPENED, commit: result.commit },
    );
    expect(summaryIn(pushed.record)).toEqual(['More.']);
  });
});

describe('somebody who pushes to the pull request', () => {
  const commit = 'd'.repeat(40);
  const moved: TaskTrigger = { on: 'head_moved', commit };

  it('before it was opened is who the pull request is of', () => {
    const { record } = after(recordIn(STATES.delivering), { ...OPENED, commit });
    expect(record.delivered).toMatchObject({ commit, summary: DELIVERED.summary });
  });

  it('has its checks come anew, and what is merged is what they pushed', () => {
    const checking = after(recordIn(STATES.checking), moved, NOW);
    expect(checking.record).toMatchObject({
      delivered: { commit, summary: DELIVERED.summary },
      state: { is: 'checking', since: NOW },
    });
    expect(checking.effects).toEqual([]);
    expect(transition(checking.record, moved, NOW)).toBeNull();
  });

  it('takes back what the person was asked to review', () => {
    expect(after(recordIn(STATES.in_review), moved).effects).toEqual([
      {
        do: 'settle',
        outcome: { by: 'task', text: expect.stringContaining('pushed to it'), at: NOW },
      },
    ]);
  });
});

describe('checks', () => {
  const checking = (changed: Partial<TaskRecord> = {}) =>
    recordIn({ ...STATES.checking, since: NOW }, changed);
  const failed: TaskTrigger = { on: 'checks_failed', names: ['test'], text: 'Mend it.' };

  it('that pass are the person’s turn, with the worker’s summary', () => {
    const { summary, tested } = DELIVERED;
    const facts = { pullRequest: PULL_REQUEST, summary, checks: PASSED };
    expect(after(checking(), { on: 'checks_seen', seen: PASSED }).effects).toEqual([
      { do: 'open_review', ...facts, tested, leftOpen: NOTHING_LEFT },
      { do: 'notice', notice: { is: 'review', ...facts } },
    ]);
  });

  it('are none only after the host had time to show them', () => {
    const seen = { on: 'checks_seen', seen: { is: 'none' } } as const;
    expect(transition(checking(), seen, NOW + CHECKS_APPEAR_MS - 1)).toBeNull();
    expect(after(checking(), seen, NOW + CHECKS_APPEAR_MS).record.state).toMatchObject({
      is: 'in_review',
      checks: { is: 'none' },
    });
  });

  it('that run are waited for without a word: what comes of them is told', () => {
    const pending = { on: 'checks_seen', seen: { is: 'pending' } } as const;
    expect(transition(checking(), pending, NOW)).toBeNull();
  });

  it('that fail go back to the worker, but only so many times', () => {
    const { record, effects } = after(checking(), failed);
    expect(record).toMatchObject({ rounds: 1, attempt: 2, state: { is: 'queued' } });
    expect(effects).toEqual([{ do: 'tell_worker', text: 'Mend it.' }]);
    const last = after(checking({ rounds: ROUNDS_MAX }), failed);
    expect(last.record.state).toMatchObject({
      is: 'in_review',
      checks: { is: 'failed', names: ['test'] },
    });
  });

  it('that do not end in time are the person’s to look at', () => {
    const { record } = after(checking(), { on: 'time' }, NOW + CHECKS_WITHIN_MS);
    expect(record.state).toMatchObject({ is: 'in_review', checks: { is: 'unfinished' } });
  });

  it('that turn red in review go back to the worker, whatever they said before, and once', () => {
    const said = [{ is: 'none' }, PASSED, { is: 'unfinished' }] as const;
    for (const checks of said) {
      const { record, effects } = after(recordIn({ ...STATES.in_review, checks }), failed);
      expect(record.state.is).toBe('queued');
      expect(effects).toContainEqual(expect.objectContaining({ do: 'settle' }));
    }
    const known = recordIn({ ...STATES.in_review, checks: { is: 'failed', names: ['test'] } });
    expect(transition(known, failed, NOW)).toBeNull();
  });

  it('that pass late, or once they were run again, are news in review, and once', () => {
    const seen = { on: 'checks_seen', seen: PASSED } as const;
    const known = recordIn({ ...STATES.in_review, checks: { is: 'failed', names: ['test'] } });
    const { record, effects } = after(known, seen);
    expect(record.state).toMatchObject({ is: 'in_review', checks: PASSED });
    expect(effects.map((one) => one.do)).toEqual(['open_review', 'notice']);
    expect(transition(record, seen, NOW)).toBeNull();
  });

  it('and conflicts stop going round; a person’s word begins the count anew', () => {
    const tired = recordIn(STATES.in_review, { rounds: ROUNDS_MAX });
    expect(transition(tired, { on: 'conflict', text: 'Merge main.' }, NOW)).toBeNull();
    expect(
      after(tired, { on: 'prompt_received', approved: false, outcome: null }).record.rounds,
    ).toBe(0);
  });
});

describe('what the worker does not see to by itself', () => {
  const leftOpen = { conflicts: true, comments: { count: 2, by: ['eve', 'a-bot'] } };

  it('is shown on the item that is there, once, and called nobody for', () => {
    const { record, effects } = after(recordIn(STATES.in_review), { on: 'left_open', leftOpen });
    expect(effects).toMatchObject([{ do: 'revise_review', leftOpen, summary: DELIVERED.summary }]);
    expect(transition(record, { on: 'left_open', leftOpen }, NOW)).toBeNull();
    const gone = after(record, { on: 'left_open', leftOpen: NOTHING_LEFT });
    expect(gone.effects).toMatchObject([{ do: 'revise_review', leftOpen: NOTHING_LEFT }]);
  });

  it('is still there when its checks are shown anew', () => {
    const { record } = after(recordIn(STATES.in_review), { on: 'left_open', leftOpen });
    const passed = after(
      recordIn({ ...STATES.in_review, leftOpen, checks: { is: 'unfinished' } }),
      { on: 'checks_seen', seen: PASSED },
    );
    expect(passed.effects[0]).toMatchObject({ do: 'open_review', leftOpen });
    expect(record.state).toMatchObject({ leftOpen });
  });

  it('goes back to the worker at a person’s word, whose own tries begin anew', () => {
    const tired = recordIn(STATES.in_review, { rounds: ROUNDS_MAX });
    const outcome = { by: 'person', text: 'Back to the worker', at: NOW } as const;
    const { record, effects } = after(tired, { on: 'mend', text: 'Fix it.', outcome });
    expect(record).toMatchObject({ rounds: 0, attempt: 2, state: { is: 'queued' } });
    expect(effects).toEqual([
      { do: 'tell_worker', text: 'Fix it.' },
      { do: 'settle', outcome },
    ]);
  });
});

describe('a host that does not tell how the pull request stands', () => {
  const silent = (record: TaskRecord, retryAfterMs: number | null, now = NOW) =>
    after(record, { on: 'poll_failed', why: 'GitHub is away.', retryAfterMs }, now);

  it('is asked again when it says, to the second', () => {
    for (const state of [STATES.checking, STATES.in_review]) {
      const { record } = silent(recordIn(state), 3_600_000);
      expect(dueAt(record.state)).toBe(NOW + 3_600_000);
    }
  });

  it('is asked more and more rarely, and the person is told once', () => {
    let record = recordIn({ ...STATES.checking, since: NOW });
    const told: string[] = [];
    let now = NOW;
    let looks = 0;
    for (; now < NOW + 24 * 60 * 60_000; looks++) {
      const result = silent(record, 0, now);
      record = result.record;
      told.push(...result.effects.map((effect) => effect.do));
      now = dueAt(record.state) ?? Infinity;
    }
    expect(looks).toBeLessThan(50);
    // The checks that could not be seen, and later the pull request that cannot.
    expect(told).toEqual(['note', 'open_review', 'notice', 'note']);
  });

  it('is asked as before once it tells again', () => {
    const { record } = silent(recordIn(STATES.in_review), null);
    const now = dueAt(record.state) ?? 0;
    expect(now).toBe(NOW + 60 * 60_000);
    const next = after(record, { on: 'time' }, now).record;
    expect(dueAt(next.state)).toBe(now + REVIEW_POLL_MS.longest);
  });

  it('and refuses is said at once, and once', () => {
    const first = silent(recordIn(STATES.in_review), null);
    expect(first.effects).toEqual([
      { do: 'note', text: expect.stringContaining('GitHub is away.') },
    ]);
    expect(silent(first.record, null, NOW + 60 * 60_000).effects).toEqual([]);
  });
});
