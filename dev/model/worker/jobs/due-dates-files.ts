/** The new files of the due dates, as they are written. */

export const DUE = `import { daysBetween } from './dates.js';
import { UsageError } from './errors.js';

const DAY_MS = 24 * 60 * 60 * 1000;
const WEEKDAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];

function plusDays(day, count) {
  return new Date(Date.parse(day) + count * DAY_MS).toISOString().slice(0, 10);
}

/** True for a YYYY-MM-DD that is in the calendar: not for 2026-02-30. */
function isDay(text) {
  if (!/^\\d{4}-\\d{2}-\\d{2}$/.test(text)) return false;
  const time = Date.parse(text);
  return !Number.isNaN(time) && plusDays(text, 0) === text;
}

/**
 * The day that a person named, as YYYY-MM-DD: a date, "today", "tomorrow", or a weekday, which
 * is the next one and never today.
 */
export function parseDue(given, today) {
  const text = given.trim().toLowerCase();
  if (text === 'today') return today;
  if (text === 'tomorrow') return plusDays(today, 1);
  const weekday = WEEKDAYS.indexOf(text);
  if (weekday >= 0) {
    const now = new Date(Date.parse(today)).getUTCDay();
    return plusDays(today, (weekday - now + 7) % 7 || 7);
  }
  if (isDay(text)) return text;
  throw new UsageError(
    \`"\${given}" is not a day. Use a date like 2026-12-24, a weekday, today or tomorrow.\`,
  );
}

/** When it is due, in words. */
export function describeDue(due, today) {
  const days = daysBetween(today, due);
  if (days === 0) return 'due today';
  if (days === 1) return 'due tomorrow';
  if (days > 1) return \`due in \${days} days\`;
  return days === -1 ? 'OVERDUE by 1 day' : \`OVERDUE by \${-days} days\`;
}
`;

export const DUE_TEST = `import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeDue, parseDue } from '../src/due.js';

// A Monday.
const TODAY = '2026-11-09';

test('a date is taken as it is', () => {
  assert.equal(parseDue('2026-12-24', TODAY), '2026-12-24');
});

test('today and tomorrow are days, also over the end of a month', () => {
  assert.equal(parseDue('today', TODAY), TODAY);
  assert.equal(parseDue('Tomorrow', '2026-11-30'), '2026-12-01');
});

test('a weekday is the next one, and never today', () => {
  assert.equal(parseDue('friday', TODAY), '2026-11-13');
  assert.equal(parseDue('sunday', TODAY), '2026-11-15');
  assert.equal(parseDue('monday', TODAY), '2026-11-16');
});

for (const given of ['soon', '2026-02-30', '2026-13-01', '24.12.2026', '']) {
  test(\`"\${given}" is refused with a sentence that says what works\`, () => {
    assert.throws(() => parseDue(given, TODAY), /is not a day\\. Use a date like/);
  });
}

test('it is said in words when something is due', () => {
  assert.equal(describeDue('2026-11-09', TODAY), 'due today');
  assert.equal(describeDue('2026-11-10', TODAY), 'due tomorrow');
  assert.equal(describeDue('2026-11-14', TODAY), 'due in 5 days');
  assert.equal(describeDue('2026-11-08', TODAY), 'OVERDUE by 1 day');
  assert.equal(describeDue('2026-11-02', TODAY), 'OVERDUE by 7 days');
});
`;

export const FORMAT_TEST = `import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatTodo } from '../src/format.js';

const TODAY = '2026-11-09';
const todo = { number: 1, text: 'Pay the rent', done: false, created: TODAY, due: '2026-11-10' };

test('a line ends with when it is due', () => {
  assert.equal(formatTodo(todo, TODAY), '  1 [ ] Pay the rent  (today)  due tomorrow');
});

test('what is done is not due any more', () => {
  assert.doesNotMatch(formatTodo({ ...todo, done: true }, TODAY), /due/);
});
`;

export const ADD_TESTS = `
test('add --due keeps the day', () => {
  const store = memoryStore();
  run(['add', 'Pay', 'the', 'rent', '--due', 'tomorrow'], store, '2026-11-09');
  assert.equal(store.load()[0].due, '2026-11-10');
});

test('add --due with something that is not a day adds nothing', () => {
  const store = memoryStore();
  const { code, error } = run(['add', 'Pay', 'the', 'rent', '--due', 'soon'], store, '2026-11-09');
  assert.equal(code, 1);
  assert.match(error, /"soon" is not a day/);
  assert.deepEqual(store.load(), []);
});
`;

export const README_SECTION = `## Due dates

\`todo add <text> --due <day>\` says until when: a date like \`2026-12-24\`, a weekday (the next
one), \`today\` or \`tomorrow\`. It stands at the end of the line in \`todo list\`, until the to-do
is done:

\`\`\`
$ todo add Pay the rent --due friday
Added 3: Pay the rent
$ todo list
  3 [ ] Pay the rent  (today)  due in 4 days
\`\`\`

When the day has passed, it says \`OVERDUE\` and by how much.

`;
