import type { SpentAnswer, SpentOnDay } from '../../protocol/pages.ts';

const DAY_MS = 24 * 60 * 60_000;

/** Something and what it cost, in US dollars. */
export type Sum = { name: string; cost: number };

/** Each of so many days up to today, oldest first, those without any cost, too. */
export function byDay({ today, rows }: SpentAnswer, days: number): Sum[] {
  const last = Date.parse(`${today}T00:00:00Z`);
  return Array.from({ length: days }, (_, at) => {
    const day = new Date(last - (days - 1 - at) * DAY_MS).toISOString().slice(0, 10);
    return { name: day, cost: total(rows.filter((row) => row.day === day)) };
  });
}

export function total(rows: readonly Pick<SpentOnDay, 'cost'>[]): number {
  return rows.reduce((sum, { cost }) => sum + cost, 0);
}

/** The sums of what has the same name, the largest first. */
export function summed(rows: readonly SpentOnDay[], nameOf: (row: SpentOnDay) => string): Sum[] {
  const sums = new Map<string, number>();
  for (const row of rows) sums.set(nameOf(row), (sums.get(nameOf(row)) ?? 0) + row.cost);
  return [...sums]
    .map(([name, cost]) => ({ name, cost }))
    .toSorted((one, other) => other.cost - one.cost);
}

const CONVERSATION = 'The conversation';
/** A task that was rebuilt without its line, say. */
const UNKNOWN = 'Not known any more';

export const modelOf = ({ by, model }: SpentOnDay) =>
  by === 'conversation' ? CONVERSATION : (model ?? UNKNOWN);
export const repositoryOf = ({ by, repository }: SpentOnDay) =>
  by === 'conversation' ? CONVERSATION : (repository ?? UNKNOWN);
