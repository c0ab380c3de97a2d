import { type BackupCursor, BackupTable } from '../../../protocol/backup.ts';
import type { RevisedRow } from '../by-table.ts';
import type { HistoryConnection } from '../connect.ts';
import type { HistoryReader } from '../read.ts';
import { type HistoryRow, usageOfDayId } from '../rows.ts';

type Newest = Map<string, RevisedRow>;

function keyOf(row: HistoryRow): string {
  const owner = `${row.table} ${row.personId}`;
  switch (row.table) {
    case 'task_events':
      return `${owner} ${row.taskId} ${row.row.number}`;
    case 'task_states':
      return `${owner} ${row.taskId}`;
    case 'settings':
    case 'threads':
      return owner;
    default:
      return `${owner} ${row.row.id}`;
  }
}

/** What is left of all that was written: the newest of each row. */
function newest(written: RevisedRow[]): Newest {
  const rows: Newest = new Map();
  for (const one of written) {
    const known = rows.get(keyOf(one.row));
    const isOlder =
      known !== undefined &&
      (one.epoch < known.epoch || (one.epoch === known.epoch && one.revision < known.revision));
    if (!isOlder) rows.set(keyOf(one.row), one);
  }
  return rows;
}

const isDay = (row: HistoryRow, day: string) =>
  row.table === 'usage' && row.row.id === usageOfDayId(day);

/** As `PostgresReader`, in pages of two. */
function readerOf(
  all: Newest,
  personId: string,
  failsAt: () => HistoryRow['table'] | null,
): HistoryReader {
  const rows = [...all.values()].filter(({ row }) => row.personId === personId);
  const ofTask = ({ row }: RevisedRow): string | null => {
    switch (row.table) {
      case 'task_events':
      case 'task_states':
        return row.taskId;
      case 'usage':
        return row.row.taskId;
      case 'tasks':
        return row.row.id;
      default:
        return null;
    }
  };
  const epochOf = (taskId: string | null) => {
    const epochs = rows.filter((one) => ofTask(one) === taskId).map(({ epoch }) => epoch);
    return epochs.length === 0 ? null : Math.max(...epochs);
  };
  async function* pages(
    name: HistoryRow['table'],
    taskId: string | null,
    key: (row: HistoryRow) => string,
  ) {
    if (name === failsAt()) throw new Error('connection reset');
    const found = rows
      .filter((one) => one.row.table === name && ofTask(one) === taskId)
      .map(({ row }) => ({ key: key(row), body: structuredClone<unknown>(row.row) }))
      .toSorted((one, other) => (one.key < other.key ? -1 : 1));
    for (let from = 0; from < found.length; from += 2) yield found.slice(from, from + 2);
  }
  const idOf = (row: HistoryRow) => ('id' in row.row ? String(row.row.id) : '');
  const numberOf = (row: HistoryRow) =>
    row.table === 'task_events' ? String(row.row.number).padStart(9, '0') : '';
  const bodyOf = (name: HistoryRow['table'], taskId: string | null) =>
    structuredClone<unknown>(
      rows.find((one) => one.row.table === name && ofTask(one) === taskId)?.row.row ?? null,
    );
  return {
    conversationEpoch: async () => epochOf(null),
    taskEpoch: async (taskId) => epochOf(taskId),
    rows: (name) => pages(name, null, idOf),
    row: async (name) => bodyOf(name, null),
    taskState: async (taskId) => bodyOf('task_states', taskId),
    taskEvents: (taskId) => pages('task_events', taskId, numberOf),
    taskUsage: (taskId) => pages('usage', taskId, idOf),
    spending: async () =>
      rows.flatMap((one) => {
        if (one.row.table !== 'usage') return [];
        const { day, taskId, cost } = one.row.row;
        const whole = taskId === null ? rows.find(({ row }) => isDay(row, day)) : undefined;
        const isInWhole =
          whole !== undefined &&
          (whole.epoch > one.epoch || (whole.epoch === one.epoch && whole.revision > one.revision));
        return isInWhole ? [] : [{ day, taskId, cost }];
      }),
  };
}

/** As `pageAfter`, in pages of two. */
function fakePage(all: Newest, personId: string, after: BackupCursor | null) {
  const placeOf = ({ row }: RevisedRow): BackupCursor => {
    const id = 'taskId' in row ? row.taskId : 'id' in row.row ? String(row.row.id) : '';
    return { table: row.table, id, number: row.table === 'task_events' ? row.row.number : 0 };
  };
  const order = ({ table, id, number }: BackupCursor) =>
    `${BackupTable.options.indexOf(table)} ${id} ${String(number).padStart(9, '0')}`;
  const found = [...all.values()]
    .filter(({ row }) => row.personId === personId)
    .map((one) => ({ ...one, place: placeOf(one) }))
    .filter(({ place }) => after === null || order(place) > order(after))
    .toSorted((one, other) => (order(one.place) < order(other.place) ? -1 : 1))
    .slice(0, 2);
  const rows = found.map(({ epoch, revision, row, place: { table } }) => ({
    is: 'row' as const,
    table,
    ...('taskId' in row && { taskId: row.taskId }),
    epoch,
    revision,
    row: structuredClone<Record<string, unknown>>({ ...row.row }),
  }));
  return { rows, next: found.at(-1)?.place ?? null };
}

/** Postgres in memory: what was committed, batch by batch. */
export function fakePostgres() {
  const before: (rows: RevisedRow[]) => Promise<void> = async () => {};
  const fake = {
    batches: [] as RevisedRow[][],
    connections: 0,
    closed: 0,
    /** Called before each commit; may throw. */
    before,
    /** The table at which reading ends with an error. */
    failsAt: null as HistoryRow['table'] | null,
    /** What a search finds. */
    hits: [] as Awaited<ReturnType<HistoryConnection['search']>>,
    /** The newest of each row, in the order of their keys. */
    kept: (): HistoryRow[] =>
      [...newest(fake.batches.flat())]
        .toSorted(([one], [other]) => (one < other ? -1 : 1))
        .map(([, { row }]) => row),
    rows: (): HistoryRow[] => fake.batches.flat().map(({ row }) => row),
    open: (): HistoryConnection => {
      fake.connections++;
      return {
        upsert: async (rows) => {
          await fake.before(rows);
          fake.batches.push(rows);
        },
        read: (personId) => readerOf(newest(fake.batches.flat()), personId, () => fake.failsAt),
        page: async (personId, after) => fakePage(newest(fake.batches.flat()), personId, after),
        counts: async (personId) =>
          Object.fromEntries(
            BackupTable.options.map((table) => [
              table,
              fake.kept().filter((row) => row.table === table && row.personId === personId).length,
            ]),
          ),
        forget: async (personId) => {
          fake.batches = fake.batches.map((rows) =>
            rows.filter(({ row }) => row.personId !== personId),
          );
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
