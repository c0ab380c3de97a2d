import { and, eq, gt, isNotNull, max, notExists, or, sql } from 'drizzle-orm';
import { type AnyPgColumn, alias, union } from 'drizzle-orm/pg-core';
import { usageOfDayId } from './rows.ts';
import {
  inboxItems,
  messages,
  settings,
  taskEvents,
  taskStates,
  tasks,
  threadTasks,
  threads,
  usage,
} from './schema.ts';
import type { HistoryDb } from './upsert.ts';

/** A row as its owner wrote it; whoever reads it knows which version that was. */
export type KeptRow = { key: string; body: unknown };

/** What a conversation cost on one UTC day, or one of its tasks. */
export type KeptSpending = { day: string; taskId: string | null; cost: number };

/** Rows that are read at once: each may be large. */
const PAGE = 50;

/** Tables with a row for each id of a person's. */
const BY_ID = {
  messages: { table: messages, id: messages.id },
  inbox_items: { table: inboxItems, id: inboxItems.id },
  thread_tasks: { table: threadTasks, id: threadTasks.id },
} as const;
const ONE_A_PERSON = { settings, threads } as const;

/** What one person's objects wrote, to rebuild them from. */
export type HistoryReader = Pick<PostgresReader, keyof PostgresReader>;

export class PostgresReader {
  readonly #db: HistoryDb;
  readonly #personId: string;

  constructor(db: HistoryDb, personId: string) {
    this.#db = db;
    this.#personId = personId;
  }

  /** The newest life of the conversation's object that wrote here; null where none did. */
  async conversationEpoch(): Promise<number | null> {
    const epochs = [];
    for (const table of [messages, inboxItems, threadTasks, settings, threads, usage]) {
      const own = table === usage ? sql`task_id is null` : undefined;
      const [row] = await this.#db
        .select({ epoch: max(table.epoch) })
        .from(table)
        .where(and(eq(table.personId, this.#personId), own));
      if (row !== undefined && row.epoch !== null) epochs.push(row.epoch);
    }
    return epochs.length === 0 ? null : Math.max(...epochs);
  }

  /** The same of a task's object. */
  async taskEpoch(taskId: string): Promise<number | null> {
    const newest = ({
      table,
      id,
    }: {
      table: typeof tasks | typeof taskEvents | typeof taskStates | typeof usage;
      id: AnyPgColumn;
    }) =>
      this.#db
        .select({ epoch: max(table.epoch) })
        .from(table)
        .where(and(eq(table.personId, this.#personId), eq(id, taskId)));
    const rows = await union(
      newest({ table: tasks, id: tasks.id }),
      newest({ table: taskEvents, id: taskEvents.taskId }),
      newest({ table: taskStates, id: taskStates.taskId }),
      newest({ table: usage, id: usage.taskId }),
    );
    const epochs = rows.flatMap(({ epoch }) => epoch ?? []);
    return epochs.length === 0 ? null : Math.max(...epochs);
  }

  /** The rows of a table, page by page, by their ids. */
  async *rows(name: keyof typeof BY_ID): AsyncGenerator<KeptRow[]> {
    const { table, id } = BY_ID[name];
    for (let after = ''; ;) {
      const page = await this.#db
        .select({ key: id, body: table.body })
        .from(table)
        .where(and(eq(table.personId, this.#personId), gt(id, after)))
        .orderBy(id)
        .limit(PAGE);
      const last = page.at(-1);
      if (last === undefined) return;
      yield page;
      after = last.key;
    }
  }

  /** The person's one row of a table; null where there is none. */
  async row(name: keyof typeof ONE_A_PERSON): Promise<unknown> {
    const table = ONE_A_PERSON[name];
    const [row] = await this.#db
      .select({ body: table.body })
      .from(table)
      .where(eq(table.personId, this.#personId));
    return row?.body ?? null;
  }

  /**
   * What each day cost, by task and for the conversation itself: there a row of the whole day
   * (`usageOfDay`) counts in place of those that were written before it.
   */
  async spending(): Promise<KeptSpending[]> {
    const whole = alias(usage, 'whole');
    const inWhole = this.#db
      .select({ id: whole.id })
      .from(whole)
      .where(
        and(
          eq(whole.personId, usage.personId),
          eq(whole.id, sql`${usageOfDayId('')}::text || ${usage.day}`),
          sql`(${whole.epoch}, ${whole.revision}) > (${usage.epoch}, ${usage.revision})`,
        ),
      );
    return this.#db
      .select({
        day: usage.day,
        taskId: usage.taskId,
        cost: sql<number>`sum(${usage.cost})`.mapWith(Number),
      })
      .from(usage)
      .where(
        and(eq(usage.personId, this.#personId), or(isNotNull(usage.taskId), notExists(inWhole))),
      )
      .groupBy(usage.day, usage.taskId);
  }

  /** What the task goes on from; null where it was never written. */
  async taskState(taskId: string): Promise<unknown> {
    const [row] = await this.#db
      .select({ body: taskStates.body })
      .from(taskStates)
      .where(and(eq(taskStates.personId, this.#personId), eq(taskStates.taskId, taskId)));
    return row?.body ?? null;
  }

  /** A task's activity, page by page, in order. */
  async *taskEvents(taskId: string): AsyncGenerator<KeptRow[]> {
    const { number } = taskEvents;
    for (let after = 0; ;) {
      const page = await this.#db
        .select({ number, body: taskEvents.body })
        .from(taskEvents)
        .where(
          and(
            eq(taskEvents.personId, this.#personId),
            eq(taskEvents.taskId, taskId),
            gt(number, after),
          ),
        )
        .orderBy(number)
        .limit(PAGE);
      const last = page.at(-1);
      if (last === undefined) return;
      yield page.map((row) => ({ key: String(row.number), body: row.body }));
      if (page.length < PAGE) return;
      after = last.number;
    }
  }

  /** A task's use, page by page, a row a request. */
  async *taskUsage(taskId: string): AsyncGenerator<KeptRow[]> {
    for (let after = ''; ;) {
      const page = await this.#db
        .select({ key: usage.id, body: usage.body })
        .from(usage)
        .where(
          and(eq(usage.personId, this.#personId), eq(usage.taskId, taskId), gt(usage.id, after)),
        )
        .orderBy(usage.id)
        .limit(PAGE);
      const last = page.at(-1);
      if (last === undefined) return;
      yield page;
      if (page.length < PAGE) return;
      after = last.key;
    }
  }
}
