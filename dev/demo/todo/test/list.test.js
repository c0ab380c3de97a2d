import assert from 'node:assert/strict';
import { test } from 'node:test';
import { run } from '../src/cli.js';
import { memoryStore } from '../src/store.js';

const TODAY = '2026-11-09';

function store() {
  return memoryStore([
    { text: 'Water the plants', done: true, created: '2026-11-02' },
    { text: 'Call the dentist', done: false, created: '2026-11-08' },
    { text: 'Buy stamps', done: false, created: TODAY },
  ]);
}

test('list shows what is open, with numbers that count everything, and how old it is', () => {
  const { code, output } = run(['list'], store(), TODAY);
  assert.equal(code, 0);
  assert.equal(output, '  2 [ ] Call the dentist  (1 day)\n  3 [ ] Buy stamps  (today)');
});

test('list --all shows what is done, too', () => {
  const { output } = run(['list', '--all'], store(), TODAY);
  assert.equal(output.split('\n').length, 3);
  assert.match(output, /1 \[x\] Water the plants {2}\(7 days\)/);
});

test('an empty list says so', () => {
  assert.equal(run(['list'], memoryStore()).output, 'Nothing to do.');
});
