import assert from 'node:assert/strict';
import { test } from 'node:test';
import { run } from '../src/cli.js';
import { memoryStore } from '../src/store.js';

function store() {
  return memoryStore([
    { text: 'Water the plants', done: false, created: '2026-11-02' },
    { text: 'Call the dentist', done: false, created: '2026-11-08' },
  ]);
}

test('done marks the to-do with that number, and no other', () => {
  const todos = store();
  const { code, output } = run(['done', '2'], todos);
  assert.equal(code, 0);
  assert.equal(output, 'Done: Call the dentist');
  assert.deepEqual(
    todos.load().map((todo) => todo.done),
    [false, true],
  );
});

test('done again changes nothing', () => {
  const todos = store();
  run(['done', '1'], todos);
  assert.equal(run(['done', '1'], todos).output, 'Done: Water the plants');
  assert.equal(todos.load()[0].done, true);
});
