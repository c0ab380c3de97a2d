import { expect, it } from 'vitest';
import { gatherFacts, readTestOutcome, textOfRead } from './facts.ts';

const summary = (total: number, pass: number, mark = 'ℹ') =>
  `${mark} tests ${total}\n${mark} pass ${pass}`;

it.each([
  [`✔ a (1ms)\n${summary(15, 15)}`, false, 'Tests ran: 15 pass.'],
  [`ok 1 - a\n${summary(15, 15, '#')}`, false, 'Tests ran: 15 pass.'],
  ['\u001B[34mℹ tests 2\u001B[39m\n\u001B[34mℹ pass 2\u001B[39m', false, 'Tests ran: 2 pass.'],
  [`Exit code 1\n${summary(2, 1)}`, true, 'Tests fail: 1 of 2.'],
  [
    'Exit code 127\nbash: npm: command not found',
    true,
    'The tests could not be run: bash: npm: command not found.',
  ],
  ['', false, 'The tests could not be run: no output.'],
])('says what the tests said: %j', (output, failed, sentence) => {
  const passed = sentence.startsWith('Tests ran');
  expect(readTestOutcome(output, failed)).toEqual({ passed, sentence });
});

it('takes a command that failed as failed, whatever it counted', () => {
  expect(readTestOutcome(summary(3, 3), true).passed).toBe(false);
});

it('reads a file out of numbered lines, as it is', () => {
  const numbered = '1\tone\n2\t\n3\t\tthree\n4\t\n<system-reminder>be careful</system-reminder>';
  expect(textOfRead(numbered)).toBe('one\n\n\tthree\n');
});

it('does not trust what it knew of a file whose edit was refused', () => {
  const file_path = '/todo/a.js';
  const facts = gatherFacts('/todo', [
    { name: 'Read', input: { file_path }, result: '1\told', failed: false },
    { name: 'Edit', input: { file_path, old_string: 'old' }, result: 'changed', failed: true },
  ]);
  expect(facts.texts.has('a.js')).toBe(false);
  expect(facts.refusals.get('a.js')).toBe(1);
  expect(facts.dirty).toBe(false);
});
