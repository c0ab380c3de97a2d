import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { fileStore } from '../src/store.js';

let folder;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'todo-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('a file that is not there is an empty list', () => {
  assert.deepEqual(fileStore(join(folder, 'todo.json')).load(), []);
});

test('what was saved is loaded again, with numbers', () => {
  const store = fileStore(join(folder, 'todo.json'));
  store.save([{ text: 'Buy stamps', done: false, created: '2026-11-09' }]);
  assert.deepEqual(store.load(), [
    { number: 1, text: 'Buy stamps', done: false, created: '2026-11-09' },
  ]);
});

test('numbers are not written, and nothing is left beside the file', () => {
  const store = fileStore(join(folder, 'todo.json'));
  store.save([{ number: 9, text: 'Buy stamps', done: false, created: '2026-11-09' }]);
  assert.doesNotMatch(readFileSync(join(folder, 'todo.json'), 'utf8'), /number/);
  assert.deepEqual(readdirSync(folder), ['todo.json']);
});

test('a file that is something else is named', () => {
  const path = join(folder, 'todo.json');
  writeFileSync(path, 'not json');
  assert.throws(() => fileStore(path).load(), /todo\.json is not a to-do file/);
});
