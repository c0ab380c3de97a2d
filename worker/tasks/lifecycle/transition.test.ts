import { describe, expect, it } from 'vitest';
import { TaskStatus } from '../../../protocol/task.ts';
import {
  QUEUED_MS,
  SLOT_ASK_MS,
  type TaskState,
  dueAt,
  isFinal,
  newTask,
  statusOf,
} from './state.ts';
import { type TaskTrigger, transition } from './transition.ts';
import { DELIVERED, NOW, PULL_REQUEST, STATES, recordIn } from '../testing/records.ts';
import { SAID, TRIGGERS, after, granted } from '../testing/triggers.ts';

/** What each trigger makes of each state; `-` where it is of no consequence. */
const TABLE = `
                       | in_line    queued     starting   working    warm       leaving    parked     breaking   paused     for_plan   delivering checking   in_review  done       failed     cancelled  closed
slot granted           | queued     -          -          -          -          -          -          -          -          -          -          -          -          -          -          -          -
slot granted, older    | -          -          -          -          -          -          -          -          -          -          -          -          -          -          -          -          -
start                  | -          starting   -          -          -          -          -          -          -          -          -          -          -          -          -          -          -
ensured                | in_line    queued     starting   -          -          -          parked     -          paused     for_plan   delivering checking   in_review  done       failed     cancelled  closed
ensured, older         | in_line    queued     starting   working    warm       leaving    parked     breaking   paused     for_plan   delivering checking   in_review  done       failed     cancelled  closed
no room                | -          -          starting   -          -          -          -          -          -          -          -          -          -          -          -          -          -
no room, older         | -          -          -          -          -          -          -          -          -          -          -          -          -          -          -          -          -
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
checks pending         | -          -          -          -          -          -          -          -          -          -          -          -          -          -          -          -          -
checks passed          | -          -          -          -          -          -          -          -          -          -          -          in_review  in_review  -          -          -          -
checks failed          | -          -          -          -          -          -          -          -          -          -          -          in_line    in_line    -          -          -          -
conflict               | -          -          -          -          -          -          -          -          -          -          -          -          in_line    -          -          -          -
left open              | -          -          -          -          -          -          -          -          -          -          -          -          in_review  -          -          -          -
mend                   | -          -          -          -          -          -          -          -          -          -          -          -          in_line    -          -          -          -
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
    expect(dueAt(granted(newTask('direct', NOW)).state)).toBe(NOW + QUEUED_MS);
  });

  it('is dispatched again when nobody came in time, and waits again', () => {
    const { record, effects } = after(
      granted(newTask('direct', NOW)),
      { on: 'time' },
      NOW + QUEUED_MS,
    );
    expect(effects).toEqual([{ do: 'dispatch' }]);
    expect(dueAt(record.state)).toBe(NOW + 2 * QUEUED_MS);
  });
});

describe('a task that waits for a slot', () => {
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
    expect(after(granted(retried.record), { on: 'start' }).record).toMatchObject({ generation: 3 });
  });

  it('a result from before a retry is ignored after it', () => {
    const retried = after(recordIn(STATES.cancelled), {
      on: 'retry',
      from: 'checkpoint',
      outcome: SAID,
    }).record;
    const started = after(granted(retried), { on: 'start' }).record;
    expect(transition(started, { on: 'result', generation: 2, result: DELIVERED }, NOW)).toBeNull();
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
