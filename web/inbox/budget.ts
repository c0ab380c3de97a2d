/** The next round amount that leaves room for as much work again. */
export function suggestedBudget({ limit, used }: { limit: number; used: number }): number {
  const amount = Math.max(limit * 2, used * 1.2);
  const step = amount < 1 ? 0.01 : amount < 20 ? 1 : 10;
  return Math.round(Math.ceil(amount / step) * step * 100) / 100;
}
