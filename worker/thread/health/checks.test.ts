import { describe, expect, it } from 'vitest';
import type { HealthName } from '../../../protocol/health.ts';
import type { TaskVitals } from '../../tasks/api.ts';
import { type HealthFacts, checksOf, since } from './checks.ts';

const NOW = Date.UTC(2026, 10, 30);
const MINUTE = 60_000;
const LIMITS = { historyBehindMs: 10 * MINUTE };
const FINE: HealthFacts = {
  history: { configured: true, rows: 0, behindSince: null },
  tasks: [],
  silentTasks: 0,
  setAside: 0,
  webhooks: { configured: true, lastAt: NOW - MINUTE, unsigned: [] },
  model: { answeredAt: NOW - MINUTE, failures: 0, why: null },
  pages: 2,
};
const VITALS: TaskVitals = {
  history: { rows: 0, behindSince: null },
  effect: null,
  ended: null,
  setAside: 0,
  sandbox: 'none',
  pushedAt: null,
};

const task = (changed: Partial<TaskVitals>, missingSince: number | null = null) => ({
  taskId: 'T',
  title: 'Add a flag',
  vitals: { ...VITALS, ...changed },
  missingSince,
});

function checked(name: HealthName, changed: Partial<HealthFacts>) {
  const found = checksOf({ ...FINE, ...changed }, LIMITS, NOW).find((one) => one.name === name);
  if (found === undefined) throw new Error(`There is no check ${name}.`);
  return found;
}

/** No task has pushed, and so nobody can say that pushes work. */
const UNTRIED = new Set<HealthName>(['pushes']);

it('where all is well, each check says so and names nothing to mend', () => {
  const checks = checksOf(FINE, LIMITS, NOW);
  expect(checks.map(({ name }) => name)).toEqual([
    'history',
    'effects',
    'sandboxes',
    'model',
    'webhooks',
    'pushes',
    'set_aside',
    'connections',
  ]);
  for (const { name, state, text, mend } of checks) {
    // What was never tried is not said to work.
    expect({ state, mend }).toEqual({ state: UNTRIED.has(name) ? 'unknown' : 'ok', mend: null });
    expect(text).toMatch(/^[A-Z\d].*\.$/);
  }
});

const history = (behindSince: number | null, configured = true) => ({
  history: { configured, rows: 3, behindSince },
});
const unsigned = (...agoMs: number[]) => ({
  webhooks: { configured: true, lastAt: NOW - 30 * MINUTE, unsigned: agoMs.map((ms) => NOW - ms) },
});
const model = (failures: number) => ({
  model: { answeredAt: null, failures, why: 'It says nothing.' },
});
const ended = (at: number) => ({
  tasks: [task({ ended: { at, text: 'Its sandbox could not be stopped.' } })],
});

describe.each<
  [HealthName, string, Partial<HealthFacts>, 'ok' | 'unknown' | 'warning' | 'failing', RegExp]
>([
  ['history', 'rows on their way', history(null), 'ok', /3 rows on the way/],
  [
    'history',
    'away for a moment',
    history(NOW - MINUTE),
    'warning',
    /nothing for 1 minute; 3 rows/,
  ],
  ['history', 'away for ten minutes', history(NOW - 10 * MINUTE), 'failing', /nothing is lost/],
  ['history', 'no Postgres at all', history(null, false), 'warning', /No Postgres is configured/],
  [
    'effects',
    'one tried again',
    { tasks: [task({ effect: { what: 'open_issue', since: NOW - 5 * MINUTE, tries: 2 } })] },
    'warning',
    /open issue, “Add a flag”\) for 5 minutes, 2 tries/,
  ],
  [
    'effects',
    'one given up',
    ended(NOW - MINUTE),
    'failing',
    /given up for “Add a flag”: Its sandbox/,
  ],
  ['effects', 'one given up long ago', ended(NOW - 25 * 60 * MINUTE), 'ok', /Nothing outside/],
  ['sandboxes', 'all live', { tasks: [task({ sandbox: 'there' })] }, 'ok', /1 of 1 sandbox live/],
  [
    'sandboxes',
    'one starts',
    { tasks: [task({ sandbox: 'missing' }, NOW - MINUTE)] },
    'warning',
    /0 of 1/,
  ],
  [
    'sandboxes',
    'one is missing',
    { tasks: [task({ sandbox: 'missing' }, NOW - 5 * MINUTE)] },
    'failing',
    /“Add a flag” should have one.*5 minutes/,
  ],
  ['sandboxes', 'a task that is silent', { silentTasks: 1 }, 'warning', /1 task did not say/],
  [
    'model',
    'not asked lately',
    { model: { answeredAt: null, failures: 0, why: null } },
    'unknown',
    /not asked lately/,
  ],
  [
    'webhooks',
    'none came',
    { webhooks: { configured: true, lastAt: null, unsigned: [] } },
    'unknown',
    /No webhook came/,
  ],
  ['model', 'failed once', model(1), 'warning', /failed once in a row: It says nothing/],
  ['model', 'fails', model(3), 'failing', /3 times/],
  [
    'webhooks',
    'none set up',
    { webhooks: { configured: false, lastAt: null, unsigned: [] } },
    'warning',
    /not set up/,
  ],
  ['webhooks', 'two wrong ones', unsigned(MINUTE, 2 * MINUTE), 'ok', /30 minutes ago/],
  [
    'webhooks',
    'three in a row',
    unsigned(MINUTE, 2 * MINUTE, 3 * MINUTE),
    'failing',
    /3 webhooks in a row/,
  ],
  [
    'webhooks',
    'three before a good one',
    unsigned(31 * MINUTE, 32 * MINUTE, 33 * MINUTE),
    'ok',
    /last webhook/,
  ],
  ['pushes', 'a push', { tasks: [task({ pushedAt: NOW - 2 * MINUTE })] }, 'ok', /2 minutes ago/],
  [
    'set_aside',
    'rows of a task and of its conversation',
    { setAside: 1, tasks: [task({ setAside: 2 })] },
    'failing',
    /3 rows set aside/,
  ],
])('%s: %s', (name, _what, changed, state, text) => {
  it(`is ${state}, and says what mends it where something has to be done`, () => {
    const found = checked(name, changed);
    expect(found).toMatchObject({ state, text: expect.stringMatching(text) });
    expect(found.mend === null).toBe(state === 'ok' || state === 'unknown');
  });
});

it('times are words that do not change with every look', () => {
  expect([0, 1, 89, 90, 47 * 60, 72 * 60].map((at) => since(NOW - at * MINUTE, NOW))).toEqual([
    'less than a minute',
    '1 minute',
    '89 minutes',
    '2 hours',
    '47 hours',
    '3 days',
  ]);
});
