import assert from 'node:assert/strict';
import { test } from 'node:test';
import { run } from '../src/cli.js';
import { memoryStore } from '../src/store.js';

test('without a command it shows the help, with a line for each command', () => {
  const { code, output } = run([], memoryStore());
  assert.equal(code, 0);
  for (const name of ['add', 'list', 'done']) assert.match(output, new RegExp(`^  ${name}`, 'm'));
});

test('an unknown command is named', () => {
  const { code, error } = run(['dance'], memoryStore());
  assert.equal(code, 1);
  assert.match(error, /no command "dance"/);
});

test('an unknown option is named', () => {
  const { code, error } = run(['list', '--alll'], memoryStore());
  assert.equal(code, 1);
  assert.match(error, /--alll/);
});

test('a command has no names from the prototype', () => {
  assert.equal(run(['constructor'], memoryStore()).code, 1);
});
