import assert from 'node:assert/strict';
import { test } from 'node:test';
import { run } from '../src/cli.js';
import { memoryStore } from '../src/store.js';

test('add puts a to-do at the end and says its number', () => {
  const store = memoryStore([{ text: 'Water the plants', done: false, created: '2026-11-02' }]);
  const { code, output } = run(['add', 'Call', 'the', 'dentist'], store, '2026-11-09');
  assert.equal(code, 0);
  assert.equal(output, 'Added 2: Call the dentist');
  assert.deepEqual(store.load()[1], {
    number: 2,
    text: 'Call the dentist',
    done: false,
    created: '2026-11-09',
  });
});

test('add without words says what is missing and adds nothing', () => {
  const store = memoryStore();
  const { code, error } = run(['add', ' '], store);
  assert.equal(code, 1);
  assert.match(error, /Say what there is to do/);
  assert.deepEqual(store.load(), []);
});
