import { expect, it } from 'vitest';
import { readLimits } from './limits.ts';

const WRITTEN = { parallel: '5', taskBudget: '25', dayBudget: '100', waitsForPlan: true };

it('reads what is written as a person writes it', () => {
  const written = { ...WRITTEN, parallel: ' 7 ', taskBudget: '$ 2.50', dayBudget: '' };
  expect(readLimits(written)).toEqual({
    is: 'limits',
    limits: { parallel: 7, taskBudget: 2.5, dayBudget: null, waitsForPlan: true },
  });
});

it.each([
  ...['', '0', '-1', '51', '1.5', 'abc', '0x10', '1e1', '99999999999999999999'].map(
    (parallel) => [{ parallel }, 'Enter 1 to 50.'] as const,
  ),
  ...['0', '-5', 'abc', '1,5', '1e999', '0x10', '999999999999'].flatMap((amount) => [
    [{ taskBudget: amount }, 'Enter an amount such as 25'] as const,
    [{ dayBudget: amount }, 'Enter an amount such as 100'] as const,
  ]),
])('says which field is wrong, and what would be right: %j', (change, sentence) => {
  const read = readLimits({ ...WRITTEN, ...change });
  expect(read).toMatchObject({ is: 'wrong', text: expect.stringContaining(sentence) });
});
