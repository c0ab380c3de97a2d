import { describe, expect, it } from 'vitest';
import { TaskStatus } from '../../../protocol/task.ts';
import {
  CHECKS_APPEAR_MS,
  CHECKS_WITHIN_MS,
  DELIVERING_AGAIN_MS,
  DELIVERING_MS,
  DELIVERING_TRIES,
  LEAVING_MS,
  LOSSES_MAX,
  PROGRESS_MS,
  QUEUED_MS,
  ROUNDS_MAX,
  SILENCE_MS,
  STALLS_MAX,
  STARTING_MS,
  SLOT_ASK_MS,
  type TaskRecord,
  type TaskState,
  WARM_MS,
  dueAt,
  hasSandbox,
  isFinal,
  newTask,
  statusOf,
} from './state.ts';
import type { Asking } from './effect.ts';
import { REVIEW_POLL_MS } from './polling.ts';
import { type TaskTrigger, transition } from './transition.ts';
import { DELIVERED, NOW, PULL_REQUEST, STATES, recordIn } from '../testing/records.ts';

const NOTHING = { is: 'nothing_to_deliver', summary: 'It is there already.' } as const;
const BROKEN = { is: 'failed', reason: 'It broke.', detail: 'Error: it broke' } as const;

const ASK: Asking = { is: 'question', questionId: 'q', questions: [] };
const QUESTION = {
  what: { for: 'answers', questionId: 'q' },
  ask: ASK,
  warmMs: WARM_MS,
} as const;

/** The records of the table are in generation 2 and attempt 1; all their times are over at `DUE`. */
const DUE = NOW + 1_000;
const RAISED = { by: 'person', text: 'Budget raised', at: NOW } as const;
const SAID = { by: 'conversation', text: 'Said so', at: NOW } as const;
const SPENT = { scope: 'task', limit: 5, used: 5.1 } as const;
const OPENED: TaskTrigger = {
  on: 'pull_request_opened',
  pullRequest: PULL_REQUEST,
  commit: DELIVERED.commit,
};
const TRIGGERS: Record<string, { trigger: TaskTrigger; now?: number }> = {
  'its turn': { trigger: { on: 'slot_granted', attempt: 1 } },
  'its turn, older': { trigger: { on: 'slot_granted', attempt: 0 } },
  start: { trigger: { on: 'start' } },
  ensured: { trigger: { on: 'ensured', generation: 2 } },
  'ensured, older': { trigger: { on: 'ensured', generation: 1 } },
  'sign of life': { trigger: { on: 'sign_of_life', generation: 2, progress: false } },
  'sign of life, still': {
    trigger: { on: 'sign_of_life', generation: 2, progress: false },
    now: NOW + PROGRESS_MS,
  },
  'sign of life, older': { trigger: { on: 'sign_of_life', generation: 1, progress: true } },
  asked: { trigger: { on: 'asked', generation: 2, ...QUESTION } },
  'asked, older': { trigger: { on: 'asked', generation: 1, ...QUESTION } },
  told: { trigger: { on: 'prompt_received', approved: false, outcome: null } },
  parked: { trigger: { on: 'result', generation: 2, result: { is: 'parked' } } },
  delivered: { trigger: { on: 'result', generation: 2, result: DELIVERED } },
  'delivered, older': { trigger: { on: 'result', generation: 1, result: DELIVERED } },
  'nothing to deliver': { trigger: { on: 'result', generation: 2, result: NOTHING } },
  'runner failed': { trigger: { on: 'result', generation: 2, result: BROKEN } },
  'opened PR': { trigger: OPENED },
  'PR moved': { trigger: { on: 'head_moved', commit: 'd'.repeat(40) } },
  'not delivered, again': {
    trigger: { on: 'delivery_failed', reason: 'GitHub is away.', retryAfterMs: 1_000 },
  },
  'not delivered, final': {
    trigger: { on: 'delivery_failed', reason: 'GitHub refuses.', retryAfterMs: null },
  },
  'sandbox gone': { trigger: { on: 'sandbox_gone', generation: 2 } },
  'sandbox gone, older': { trigger: { on: 'sandbox_gone', generation: 1 } },
  'dispatch failed': { trigger: { on: 'dispatch_failed', attempt: 1, reason: 'No Workflow.' } },
  'dispatch failed, older': { trigger: { on: 'dispatch_failed', attempt: 0, reason: 'No.' } },
  'host silent': { trigger: { on: 'poll_failed', why: 'GitHub is away.', retryAfterMs: 0 } },
  'no checks': { trigger: { on: 'checks_seen', seen: { is: 'none' } } },
  'checks pending': { trigger: { on: 'checks_seen', seen: { is: 'pending' } } },
  'checks passed': { trigger: { on: 'checks_seen', seen: { is: 'passed', count: 2 } } },
  'checks failed': { trigger: { on: 'checks_failed', names: ['test'], text: 'Mend it.' } },
  conflict: { trigger: { on: 'conflict', text: 'Merge main.' } },
  'PR open': { trigger: { on: 'pull_request_seen', as: 'open', outcome: null } },
  'PR merged': { trigger: { on: 'pull_request_seen', as: 'merged', outcome: null } },
  'PR closed': { trigger: { on: 'pull_request_seen', as: 'closed', outcome: null } },
  'time, early': { trigger: { on: 'time' }, now: DUE - 1 },
  'time, due': { trigger: { on: 'time' }, now: DUE },
  'money spent': {
    trigger: { on: 'pause', what: { for: 'budget', scope: 'task' }, budget: SPENT },
  },
  'plan’s limit': {
    trigger: { on: 'pause', what: { for: 'plan_limit', until: DUE + 1 }, budget: null },
  },
  'more money': { trigger: { on: 'go_on', scope: 'task', outcome: RAISED } },
  'more for the day': { trigger: { on: 'go_on', scope: 'day', outcome: RAISED } },
  cancel: { trigger: { on: 'cancel', outcome: SAID } },
  retry: { trigger: { on: 'retry', from: 'checkpoint', outcome: SAID } },
};

/** What each trigger makes of each state; `-` where it is of no consequence. */
const TABLE = `
                       | in_line    queued     starting   working    warm       leaving    parked     breaking   paused     for_plan   delivering checking   in_review  done       failed     cancelled  closed
its turn               | queued     -          -          -          -          -          -          -          -          -          -          -          -          -          -          -          -
its turn, older        | -          -          -          -          -          -          -          -          -          -          -          -          -          -          -          -          -
start                  | -          starting   -          -          -          -          -          -          -          -          -          -          -          -          -          -          -
ensured                | in_line    queued     starting   -          -          -          parked     -          paused     for_plan   delivering checking   in_review  done       failed     cancelled  closed
ensured, older         | in_line    queued     starting   working    warm       leaving    parked     breaking   paused     for_plan   delivering checking   in_review  done       failed     cancelled  closed
sign of life           | -          -          working    working    warm       leaving    -          breaking   -          -          -          -          -          -          -          -          -
sign of life, still    | -          -          working    working    warm       leaving    -          breaking   -          -          -          -          -          -          -          -          -
sign of life, older    | -          -          -          -          -          -          -          -          -          -          -          -          -          -          -          -          -
asked                  | -          -          warm       warm       warm       warm       -          warm       -          -          -          -          -          -          -          -          -
asked, older           | -          -          -          -          -          -          -          -          -          -          -          -          -          -          -          -          -
told                   | -          -          -          -          working    in_line    in_line    in_line    in_line    in_line    -          in_line    in_line    in_line    in_line    in_line    in_line
parked                 | -          -          -          -          parked     parked     -          paused     -          -          -          -          -          -          -          -          -
delivered              | -          -          delivering delivering delivering delivering -          delivering -          -          -          -          -          -          -          -          -
delivered, older       | -          -          -          -          -          -          -          -          -          -          -          -          -          -          -          -          -
nothing to deliver     | -          -          checking   checking   checking   checking   -          checking   -          -          -          -          -          -          -          -          -
runner failed          | -          -          failed     failed     failed     failed     -          paused     -          -          -          -          -          -          -          -          -
opened PR              | -          -          -          -          -          -          -          -          -          -          checking   -          -          -          -          -          -
PR moved               | -          -          -          -          -          -          -          -          -          -          -          checking   checking   -          -          -          -
not delivered, again   | -          -          -          -          -          -          -          -          -          -          delivering -          -          -          -          -          -
not delivered, final   | -          -          -          -          -          -          -          -          -          -          failed     -          -          -          -          -          -
sandbox gone           | -          -          starting   starting   parked     parked     -          paused     -          -          -          -          -          -          -          -          -
sandbox gone, older    | -          -          -          -          -          -          -          -          -          -          -          -          -          -          -          -          -
dispatch failed        | failed     failed     -          -          -          -          -          -          -          -          -          -          -          -          -          -          -
dispatch failed, older | -          -          -          -          -          -          -          -          -          -          -          -          -          -          -          -          -
host silent            | -          -          -          -          -          -          -          -          -          -          -          checking   in_review  -          -          -          -
no checks              | -          -          -          -          -          -          -          -          -          -          -          in_review  -          -          -          -          -
checks pending         | -          -          -          -          -          -          -          -          -          -          -          checking   -          -          -          -          -
checks passed          | -          -          -          -          -          -          -          -          -          -          -          in_review  in_review  -          -          -          -
checks failed          | -          -          -          -          -          -          -          -          -          -          -          in_line    in_line    -          -          -          -
conflict               | -          -          -          -          -          -          -          -          -          -          -          -          in_line    -          -          -          -
PR open                | -          -          -          -          -          -          -          -          -          -          -          -          -          -          -          -          checking
PR merged              | -          -          -          -          -          -          -          -          -          -          -          done       done       -          -          -          -
PR closed              | -          -          -          -          -          -          -          -          -          -          -          closed     closed     -          -          -          -
time, early            | -          -          -          -          -          -          -          -          -          -          -          -          -          -          -          -          -
time, due              | in_line    queued     starting   starting   leaving    parked     -          paused     -          in_line    failed     checking   in_review  -          -          -          -
money spent            | -          -          breaking   breaking   -          -          -          -          -          -          -          -          -          -          -          -          -
plan’s limit           | -          -          breaking   breaking   -          -          -          -          -          -          -          -          -          -          -          -          -
more money             | -          -          -          -          -          -          -          in_line    in_line    -          -          -          -          -          -          -          -
more for the day       | -          -          -          -          -          -          -          -          -          -          -          -          -          -          -          -          -
cancel                 | cancelled  cancelled  cancelled  cancelled  cancelled  cancelled  cancelled  cancelled  cancelled  cancelled  cancelled  cancelled  cancelled  -          -          -          -
retry                  | -          -          -          -          -          -          -          -          -          -          -          -          -          -          in_line    in_line    in_line
`;

const [columns = '', ...lines] = TABLE.trim().split('\n');
const from = columns.replace('|', '').trim().split(/\s+/);
const cells = lines.flatMap((line) => {
  const [name = '', become = ''] = line.split('|').map((part) => part.trim());
  return become.split(/\s+/).map((to, at) => ({ name, state: from[at] ?? '', to }));
});

function stateOf(name: string): TaskState {
  const found: TaskState | undefined = Object.entries(STATES).find(([key]) => key === name)?.[1];
  if (found === undefined) throw new Error(`There is no state ${name}.`);
  return found;
}

/** The state's column: a task that waits by what became of its sandbox. */
function nameOf(state: TaskState): string {
  if (state.is === 'cancelled') return state.by === 'host' ? 'closed' : 'cancelled';
  if (state.is === 'queued') return state.slot === 'granted' ? 'queued' : 'in_line';
  if (state.is !== 'waiting') return state.is;
  const isGone = state.sandbox.is === 'gone';
  switch (state.what.for) {
    case 'budget':
      return isGone ? 'paused' : 'breaking';
    case 'plan_limit':
      return isGone ? 'for_plan' : 'breaking';
    default:
      return isGone ? 'parked' : state.sandbox.is;
  }
}

function triggerOf(name: string): { trigger: TaskTrigger; now: number } {
  const found = TRIGGERS[name];
  if (found === undefined) throw new Error(`There is no trigger ${name}.`);
  return { now: NOW, ...found };
}

/** The record after a trigger that must be of consequence. */
function after(record: TaskRecord, trigger: TaskTrigger, now = NOW) {
  const result = transition(record, trigger, now);
  if (result === null) throw new Error(`${trigger.on} did nothing to ${record.state.is}.`);
  return result;
}

/** The record once the main thread has given it its turn. */
function turn(record: TaskRecord): TaskRecord {
  return after(record, { on: 'slot_granted', attempt: record.attempt }).record;
}

describe('every state and every trigger', () => {
  it('stand in the table', () => {
    expect(from).toEqual(Object.keys(STATES));
    expect(new Set(cells.map(({ name }) => name))).toEqual(new Set(Object.keys(TRIGGERS)));
    expect(cells).toHaveLength(Object.keys(STATES).length * Object.keys(TRIGGERS).length);
  });

  it.each(cells)('$state, then "$name": $to', ({ name, state, to }) => {
    const { trigger, now } = triggerOf(name);
    const result = transition(recordIn(stateOf(state)), trigger, now);
    expect(result === null ? '-' : nameOf(result.record.state)).toBe(to);
  });

  it.each(cells.filter(({ to }) => to !== '-'))(
    '$state, then "$name", leaves a time, an end, or a person who is asked',
    ({ name, state }) => {
      const { trigger, now } = triggerOf(name);
      const before = recordIn(stateOf(state), {
        endedAt: isFinal(stateOf(state)) ? 1 : null,
      });
      const { record } = after(before, trigger, now);
      const timeless = isFinal(record.state) || ['parked', 'paused'].includes(nameOf(record.state));
      expect(dueAt(record.state) === null).toBe(timeless);
      expect(record.endedAt === null).toBe(!isFinal(record.state));
    },
  );

  it.each(Object.keys(STATES))('%s can be left, by time or by a person', (state) => {
    const ways = cells.filter((cell) => cell.state === state && !['-', state].includes(cell.to));
    const words = ['time, due', 'told', 'more money', 'cancel', 'retry'];
    expect(ways.some(({ name }) => words.includes(name))).toBe(true);
  });
});

describe('a new task', () => {
  it('waits for its Workflow no longer than its deadline', () => {
    expect(newTask('direct', NOW)).toMatchObject({ generation: 0, attempt: 1, losses: 0 });
    expect(dueAt(turn(newTask('direct', NOW)).state)).toBe(NOW + QUEUED_MS);
  });

  it('is dispatched again when nobody came in time, and waits again', () => {
    const { record, effects } = after(
      turn(newTask('direct', NOW)),
      { on: 'time' },
      NOW + QUEUED_MS,
    );
    expect(effects).toEqual([{ do: 'dispatch' }]);
    expect(dueAt(record.state)).toBe(NOW + 2 * QUEUED_MS);
  });
});

describe('a task that waits for its turn', () => {
  it('is dispatched when it is given, once, and not before', () => {
    const waiting = newTask('direct', NOW);
    expect(transition(waiting, { on: 'start' }, NOW)).toBeNull();
    const { record, effects } = after(waiting, { on: 'slot_granted', attempt: 1 });
    expect(effects).toEqual([{ do: 'dispatch' }]);
    expect(transition(record, { on: 'slot_granted', attempt: 1 }, NOW)).toBeNull();
  });

  it('says so again from time to time, lest it be forgotten', () => {
    const { effects } = after(newTask('direct', NOW), { on: 'time' }, NOW + SLOT_ASK_MS);
    expect(effects).toEqual([{ do: 'ask_slot' }]);
  });
});

describe('a task whose money is spent', () => {
  const pause: TaskTrigger = {
    on: 'pause',
    what: { for: 'budget', scope: 'task' },
    budget: SPENT,
  };

  it('breaks off, asks the person, and keeps its work', () => {
    const { effects } = after(recordIn(STATES.working), pause);
    expect(effects).toEqual([
      { do: 'break_off' },
      { do: 'open_budget', budget: SPENT },
      { do: 'notice', notice: { is: 'budget_spent', ...SPENT } },
    ]);
  });

  it('is no failure when Claude Code is refused its next call', () => {
    const failed: TaskTrigger = { on: 'result', generation: 2, result: BROKEN };
    expect(nameOf(after(recordIn(STATES.breaking), failed).record.state)).toBe('paused');
  });

  it('goes on where it stopped once there is more', () => {
    const { record, effects } = after(recordIn(STATES.paused), {
      on: 'go_on',
      scope: 'task',
      outcome: RAISED,
    });
    expect(record).toMatchObject({ attempt: 2, state: { is: 'queued', slot: 'waiting' } });
    expect(effects).toEqual([
      { do: 'tell_worker', text: expect.stringContaining('Go on') },
      { do: 'settle', outcome: RAISED },
    ]);
  });

  it('that had just finished is delivered all the same', () => {
    const result: TaskTrigger = { on: 'result', generation: 2, result: DELIVERED };
    const { record, effects } = after(recordIn(STATES.breaking), result);
    expect(record.state.is).toBe('delivering');
    expect(effects).toContainEqual(expect.objectContaining({ do: 'settle' }));
  });
});

describe('deadlines', () => {
  it('are set anew by each start and each sign of life', () => {
    const started = after(turn(newTask('direct', NOW)), { on: 'start' }).record;
    expect(started).toMatchObject({ generation: 1, startedAt: NOW });
    expect(dueAt(started.state)).toBe(NOW + STARTING_MS);
    const working = after(started, { on: 'sign_of_life', generation: 1, progress: false }).record;
    expect(dueAt(working.state)).toBe(NOW + SILENCE_MS);
    const delivering = after(working, { on: 'result', generation: 1, result: DELIVERED }).record;
    expect(dueAt(delivering.state)).toBe(NOW + DELIVERING_MS);
  });

  it('of a review grow from the first pause to the longest', () => {
    let { record } = after(recordIn(STATES.checking), {
      on: 'checks_seen',
      seen: { is: 'none' },
    });
    const pauses: number[] = [];
    for (let now = NOW; pauses.length < 8; now = dueAt(record.state) ?? 0) {
      if (now > NOW) ({ record } = after(record, { on: 'time' }, now));
      pauses.push((dueAt(record.state) ?? 0) - now);
    }
    const { first, longest } = REVIEW_POLL_MS;
    expect(pauses.slice(0, 3)).toEqual([first, first, 2 * first]);
    expect(pauses.at(-1)).toBe(longest);
  });
});

describe('a lost sandbox', () => {
  const lose = (record: TaskRecord) =>
    after(record, { on: 'sandbox_gone', generation: record.generation });

  it('is stopped for good and replaced by the next generation', () => {
    const { record, effects } = lose(recordIn(STATES.working));
    expect(record).toMatchObject({ generation: 3, losses: 1, state: { ensured: false } });
    expect(effects).toContainEqual({ do: 'stop_sandbox', generation: 2 });
    expect(effects).toContainEqual({ do: 'dispatch' });
  });

  it('is told to the person once, not for each loss in a row', () => {
    const first = lose(recordIn(STATES.working));
    const second = lose(first.record);
    const told = (effects: typeof first.effects) => effects.filter((one) => one.do === 'notice');
    expect(told(first.effects)).toHaveLength(1);
    expect(told(second.effects)).toHaveLength(0);
  });

  it('fails the task after the limit of losses in a row, and the last one is stopped', () => {
    let record = recordIn(STATES.working);
    for (let loss = 1; loss <= LOSSES_MAX; loss++) record = lose(record).record;
    expect(record.state.is).toBe('starting');
    const last = lose(record);
    expect(last.record.state).toMatchObject({ is: 'failed', reason: /Retry/ });
    expect(last.effects).toContainEqual({ do: 'stop_sandbox', generation: record.generation });
  });

  it('does not count once there was progress since; a heartbeat is none', () => {
    const record = recordIn(STATES.working, { losses: LOSSES_MAX });
    const life = (progress: boolean) =>
      after(record, { on: 'sign_of_life', generation: 2, progress }).record.losses;
    expect(life(false)).toBe(LOSSES_MAX);
    expect(life(true)).toBe(0);
  });

  it('that comes up too late is stopped', () => {
    const late: [TaskState, number][] = [
      [STATES.starting, 1],
      [STATES.working, 1],
      [STATES.cancelled, 2],
      [STATES.failed, 2],
      [STATES.queued, 2],
    ];
    for (const [state, generation] of late) {
      const record = recordIn(state);
      expect(transition(record, { on: 'ensured', generation }, NOW)).toEqual({
        record,
        effects: [{ do: 'stop_sandbox', generation }],
      });
    }
  });
});

describe('a runner that lives while Claude Code stands still', () => {
  const life = (record: TaskRecord, now: number, progress = false) =>
    after(record, { on: 'sign_of_life', generation: record.generation, progress }, now).record;
  /** Works, then sends heartbeats for as long as it takes. */
  const stall = (record: TaskRecord, since: number) => {
    const still = life(life(record, since, true), since + PROGRESS_MS);
    return after(still, { on: 'time' }, since + PROGRESS_MS);
  };

  it('is replaced from its checkpoint after that time, not before', () => {
    const working = life(recordIn(STATES.starting), NOW, true);
    const still = life(working, NOW + PROGRESS_MS - 1);
    expect(transition(still, { on: 'time' }, NOW + PROGRESS_MS - 1)).toBeNull();
    const { record, effects } = after(still, { on: 'time' }, NOW + PROGRESS_MS);
    expect(record).toMatchObject({ generation: 3, stalls: 1, state: { is: 'starting' } });
    expect(effects).toContainEqual({ do: 'stop_sandbox', generation: 2 });
    const reason = 'it stood still for 30 minutes';
    expect(effects).toContainEqual({ do: 'notice', notice: { is: 'recovered', reason } });
  });

  it('has the whole time again after each word of Claude Code’s', () => {
    const first = life(recordIn(STATES.starting), NOW, true);
    const later = life(first, NOW + PROGRESS_MS - 1, true);
    const still = life(later, NOW + PROGRESS_MS + SILENCE_MS);
    expect(transition(still, { on: 'time' }, NOW + PROGRESS_MS + SILENCE_MS)).toBeNull();
  });

  it('and stands still each time fails in words, though it speaks in between', () => {
    let { record } = stall(recordIn(STATES.starting), NOW);
    for (let stalls = 2; stalls <= STALLS_MAX; stalls++) ({ record } = stall(record, NOW));
    const last = stall(record, NOW);
    expect(last.record.state).toMatchObject({ is: 'failed', reason: /stood still.*Retry/ });
    expect(last.effects).toContainEqual({ do: 'stop_sandbox', generation: record.generation });
  });

  it('while it waits for a person may do so for as long as that takes', () => {
    const waiting = life(recordIn(STATES.warm), NOW + PROGRESS_MS);
    expect(waiting.state.is).toBe('waiting');
    const prompt = { on: 'prompt_received', approved: false, outcome: null } as const;
    const { record } = after(waiting, prompt, NOW + PROGRESS_MS);
    const beat = life(record, NOW + PROGRESS_MS);
    expect(dueAt(beat.state)).toBe(NOW + PROGRESS_MS + SILENCE_MS);
  });

  it('is given its time when its row is from before this was measured', () => {
    const old = life(recordIn({ is: 'working', deadline: NOW + 1 }), NOW);
    expect(old.state).toMatchObject({ deadline: NOW + SILENCE_MS, stalledAt: NOW + PROGRESS_MS });
  });
});

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
    const delivering = recordIn(STATES.delivering, { pullRequest: null });
    const { record, effects } = after(delivering, OPENED);
    expect(record).toMatchObject({
      pullRequest: PULL_REQUEST,
      delivered: { commit: DELIVERED.commit, summary: DELIVERED.summary },
    });
    expect(effects).toEqual([]);
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
    const checks = { is: 'passed', count: 2 } as const;
    const { summary } = DELIVERED;
    const facts = { pullRequest: PULL_REQUEST, summary, checks };
    expect(after(checking(), { on: 'checks_seen', seen: checks }).effects).toEqual([
      { do: 'open_review', ...facts },
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

  it('that run are told once', () => {
    const pending = { on: 'checks_seen', seen: { is: 'pending' } } as const;
    const first = after(checking(), pending);
    expect(first.effects).toEqual([
      { do: 'notice', notice: { is: 'opened', pullRequest: PULL_REQUEST } },
    ]);
    expect(transition(first.record, pending, NOW)).toBeNull();
    expect(after(checking({ announced: true }), pending).effects).toEqual([]);
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
    const said = [{ is: 'none' }, { is: 'passed', count: 2 }, { is: 'unfinished' }] as const;
    for (const checks of said) {
      const { record, effects } = after(recordIn({ ...STATES.in_review, checks }), failed);
      expect(record.state.is).toBe('queued');
      expect(effects).toContainEqual(expect.objectContaining({ do: 'settle' }));
    }
    const known = recordIn({ ...STATES.in_review, checks: { is: 'failed', names: ['test'] } });
    expect(transition(known, failed, NOW)).toBeNull();
  });

  it('that pass late, or once they were run again, are news in review, and once', () => {
    const passed = { is: 'passed', count: 2 } as const;
    const seen = { on: 'checks_seen', seen: passed } as const;
    const known = recordIn({ ...STATES.in_review, checks: { is: 'failed', names: ['test'] } });
    const { record, effects } = after(known, seen);
    expect(record.state).toMatchObject({ is: 'in_review', checks: passed });
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

describe('cancel and retry', () => {
  it.each(['starting', 'working'] as const)('cancelling a task that is %s stops it', (is) => {
    const { effects } = after(recordIn(STATES[is]), { on: 'cancel', outcome: SAID });
    expect(effects).toContainEqual({ do: 'stop_sandbox', generation: 2 });
  });

  it('retry is a new attempt with its losses forgotten, and keeps the generation and the pull request', () => {
    const record = recordIn(STATES.failed, { losses: 6, endedAt: 5, pullRequest: PULL_REQUEST });
    const retried = after(record, { on: 'retry', from: 'checkpoint', outcome: SAID });
    expect(retried.record).toMatchObject({
      attempt: 2,
      generation: 2,
      losses: 0,
      endedAt: null,
      pullRequest: PULL_REQUEST,
    });
    expect(after(turn(retried.record), { on: 'start' }).record).toMatchObject({ generation: 3 });
  });

  it('a result from before a retry is ignored after it', () => {
    const retried = after(recordIn(STATES.cancelled), {
      on: 'retry',
      from: 'checkpoint',
      outcome: SAID,
    }).record;
    const started = after(turn(retried), { on: 'start' }).record;
    expect(transition(started, { on: 'result', generation: 2, result: DELIVERED }, NOW)).toBeNull();
  });
});

describe('a task that waits for a person', () => {
  const ask = (asking: Asking | null) =>
    after(recordIn(STATES.working), { on: 'asked', generation: 2, ...QUESTION, ask: asking });

  it('files what is new, and nothing for what was asked before', () => {
    const { effects } = ask(ASK);
    expect(effects).toEqual([
      { do: 'open_asking', ask: ASK },
      { do: 'notice', notice: ASK },
    ]);
    expect(ask(null).effects).toEqual([]);
  });

  it('keeps its sandbox for a while, then tells it to keep its work and go', () => {
    const { record } = ask(ASK);
    const alive = (now: number, before: TaskRecord) =>
      after(before, { on: 'sign_of_life', generation: 2, progress: false }, now).record;
    expect(dueAt(record.state)).toBe(NOW + SILENCE_MS);
    const heard = alive(NOW + WARM_MS - 1, record);
    expect(dueAt(heard.state)).toBe(NOW + WARM_MS);
    const { record: leaving, effects } = after(heard, { on: 'time' }, NOW + WARM_MS);
    expect(effects).toEqual([{ do: 'park' }]);
    expect(dueAt(leaving.state)).toBe(NOW + WARM_MS + LEAVING_MS);
    // One that does not go by itself is stopped.
    const gone = after(leaving, { on: 'time' }, NOW + WARM_MS + LEAVING_MS);
    expect(gone.effects).toEqual([{ do: 'stop_sandbox', generation: 2 }]);
    expect(hasSandbox(gone.record.state)).toBe(false);
  });

  it('is not given another sandbox when its own is lost meanwhile', () => {
    const silent = after(ask(ASK).record, { on: 'time' }, NOW + SILENCE_MS);
    expect(silent.record.state).toMatchObject({ is: 'waiting', sandbox: { is: 'gone' } });
    expect(silent.effects).toEqual([{ do: 'stop_sandbox', generation: 2 }]);
  });

  it('goes on in the sandbox that is there, and in a new one otherwise', () => {
    const told = { on: 'prompt_received', approved: false, outcome: null } as const;
    expect(after(recordIn(STATES.warm), told)).toMatchObject({
      record: { attempt: 1, state: { is: 'working' } },
      effects: [],
    });
    expect(after(recordIn(STATES.leaving), told)).toMatchObject({
      record: { attempt: 2, state: { is: 'queued' } },
      effects: [{ do: 'stop_sandbox', generation: 2 }],
    });
    expect(after(recordIn(STATES.parked), told)).toMatchObject({
      record: { attempt: 2, state: { is: 'queued' } },
      effects: [],
    });
  });

  it('plans no more once its plan was approved, and does after a change was asked for', () => {
    const planning = recordIn(STATES.warm, { mode: 'plan' });
    const mode = (approved: boolean) =>
      after(planning, { on: 'prompt_received', approved, outcome: null }).record.mode;
    expect(mode(true)).toBe('direct');
    expect(mode(false)).toBe('plan');
  });
});

it('every status has its own word on the screen', () => {
  const approval = { for: 'approval', planId: 'p' } as const;
  const words = [
    ...Object.values(STATES).map((state) => statusOf(recordIn(state))),
    statusOf(recordIn(STATES.working, { mode: 'plan' })),
    statusOf(recordIn({ ...STATES.warm, what: approval })),
  ];
  expect([...new Set(words)].toSorted()).toEqual([...TaskStatus.options].toSorted());
});
