import { expect, it } from 'vitest';
import { readTestOutcome } from './test-output.ts';

const summary = (pass: number, fail: number, mark = 'ℹ') =>
  ['tests', 'pass', 'fail', 'cancelled']
    .map((what, index) => `${mark} ${what} ${[pass + fail, pass, fail, 0][index]}`)
    .join('\n');

it('counts what passed, in both ways that node:test has to say it', () => {
  expect(readTestOutcome(`✔ a (1ms)\n${summary(15, 0)}`, false)).toEqual({
    is: 'passed',
    passed: 15,
  });
  expect(readTestOutcome(`ok 1 - a\n${summary(15, 0, '#')}`, false)).toEqual({
    is: 'passed',
    passed: 15,
  });
});

it('names what failed, once', () => {
  const output = `Exit code 1\n✔ fine (1ms)\n✖ broken (2.5ms)\n${summary(1, 1)}\n✖ failing tests:\n✖ broken (2.5ms)`;
  expect(readTestOutcome(output, true)).toEqual({
    is: 'failed',
    failed: 1,
    total: 2,
    names: ['broken'],
  });
});

it('takes a command that failed as failed, whatever it counted', () => {
  expect(readTestOutcome(summary(3, 0), true).is).toBe('failed');
});

it('does not take silence for success', () => {
  expect(readTestOutcome('Exit code 127\nbash: npm: command not found', true)).toEqual({
    is: 'unclear',
    line: 'bash: npm: command not found',
  });
  expect(readTestOutcome('', false).is).toBe('unclear');
});

it('reads through colours', () => {
  expect(
    readTestOutcome(`\u001B[34mℹ pass 2\u001B[39m\n\u001B[34mℹ fail 0\u001B[39m`, false),
  ).toEqual({
    is: 'passed',
    passed: 2,
  });
});
