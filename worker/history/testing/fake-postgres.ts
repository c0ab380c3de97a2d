import type { RevisedRow } from '../by-table.ts';
import type { HistoryConnection } from '../connect.ts';
import type { HistoryRow } from '../rows.ts';

/** Postgres in memory: what was committed, batch by batch. */
export function fakePostgres() {
  const before: (rows: RevisedRow[]) => Promise<void> = async () => {};
  const fake = {
    batches: [] as RevisedRow[][],
    connections: 0,
    closed: 0,
    /** Called before each commit; may throw. */
    before,
    /** What a search finds. */
    hits: [] as Awaited<ReturnType<HistoryConnection['search']>>,
    rows: (): HistoryRow[] => fake.batches.flat().map(({ row }) => row),
    open: (): HistoryConnection => {
      fake.connections++;
      return {
        upsert: async (rows) => {
          await fake.before(rows);
          fake.batches.push(rows);
        },
        search: async (_person, _query, limit) => fake.hits.slice(0, limit),
        close: async () => {
          fake.closed++;
        },
      };
    },
  };
  return fake;
}
