import { Limits } from '../../protocol/settings.ts';

/** As they were written. */
export type WrittenLimits = {
  parallel: string;
  taskBudget: string;
  dayBudget: string;
  waitsForPlan: boolean;
};

const WHOLE = /^\d+$/;
const AMOUNT = /^\d+(?:\.\d+)?$/;

/** An amount in dollars; empty is no limit, and what is no amount is NaN. */
function amountOf(text: string): number | null {
  const trimmed = text.trim().replace(/^\$\s*/, '');
  if (trimmed === '') return null;
  return AMOUNT.test(trimmed) ? Number(trimmed) : Number.NaN;
}

/** What is wrong with a field, in a sentence. */
const WRONG: Partial<Record<PropertyKey, string>> = {
  parallel: 'Enter 1 to 50.',
  taskBudget: 'Enter an amount such as 25 or 2.50, or nothing.',
  dayBudget: 'Enter an amount such as 100 or 99.50, or nothing.',
};

/** The limits that were written, or a sentence on the first that is none. */
export function readLimits(
  written: WrittenLimits,
): { is: 'limits'; limits: Limits } | { is: 'wrong'; text: string } {
  const parallel = written.parallel.trim();
  const parsed = Limits.safeParse({
    parallel: WHOLE.test(parallel) ? Number(parallel) : Number.NaN,
    taskBudget: amountOf(written.taskBudget),
    dayBudget: amountOf(written.dayBudget),
    waitsForPlan: written.waitsForPlan,
  });
  if (parsed.success) return { is: 'limits', limits: parsed.data };
  const field = parsed.error.issues[0]?.path[0] ?? '';
  return { is: 'wrong', text: WRONG[field] ?? 'These limits cannot be kept.' };
}
