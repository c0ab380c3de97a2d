import { expect, it } from 'vitest';
import { suggestedBudget } from './budget.ts';

it.each([
  [{ limit: 5, used: 5.1 }, 10],
  [{ limit: 0.05, used: 0.06 }, 0.1],
  [{ limit: 0.1, used: 0.31 }, 0.38],
  [{ limit: 12, used: 13 }, 30],
])('suggests a round amount with room for as much again: %j, %s', (money, amount) => {
  expect(suggestedBudget(money)).toBe(amount);
  expect(suggestedBudget(money)).toBeGreaterThan(money.used);
});
