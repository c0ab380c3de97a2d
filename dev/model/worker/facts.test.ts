import { expect, it } from 'vitest';
import { gatherFacts, readTestOutcome, textOfRead } from './facts.ts';

it.each([
  ['✔ a (1ms)\nℹ tests 15\nℹ pass 15', false, 'Tests ran: 15 pass.'],
  ['ok 1 - a\n# tests 15\n# pass 15', false, 'Tests ran: 15 pass.'],
  ['\u001B[34mℹ tests 2\u001B[39m\n\u001B[34mℹ pass 2\u001B[39m', false, 'Tests ran: 2 pass.'],
  ['Exit code 1\nℹ tests 2\nℹ pass 1', true, 'Tests fail: 1 of 2.'],
  ['Exit code 127\nno npm', true, 'The tests could not be run.'],
  ['', false, 'The tests could not be run.'],
])('says what the tests said: %j', (output, failed, sentence) => {
  const passed = sentence.startsWith('Tests ran');
  expect(readTestOutcome(output, failed)).toEqual({ passed, sentence });
});

it('reads a file out of numbered lines, as it is', () => {
  const numbered = '1\tone\n2\t\n3\t\tthree\n4\t\n<system-reminder>be careful</system-reminder>';
  expect(textOfRead(numbered)).toBe('one\n\n\tthree\n');
});

it('does not trust what it knew of a file whose edit was refused', () => {
  const input = { file_path: '/todo/a.js', old_string: 'old' };
  const facts = gatherFacts('/todo', [
    { name: 'Read', input, result: '1\told', failed: false },
    { name: 'Edit', input, result: 'changed', failed: true },
  ]);
  expect([facts.files.get('a.js'), facts.dirty]).toEqual([null, false]);
});
