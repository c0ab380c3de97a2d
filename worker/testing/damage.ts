/** What a damaged row is called after the migrations, as what is set aside names it. */
export type Damaged = { table: string; key: string };

/** Tables of rows by their key, the column that is damaged, and a field of its JSON that no row can miss. */
const TABLES: Record<string, { key: string; column: string; field: string | null; now?: string }> =
  {
    log: { key: 'seq', column: 'body', field: 'type' },
    messages: { key: 'id', column: 'body', field: 'at' },
    tasks: { key: 'id', column: 'body', field: 'title' },
    inbox: { key: 'id', column: 'body', field: 'title' },
    commands: { key: 'id', column: 'answer', field: 'is' },
    turns: { key: 'id', column: 'cause', field: 'is' },
    places: { key: 'task_id', column: 'place', field: null, now: 'slots' },
    spending: { key: 'task_id', column: 'cost', field: null },
    events: { key: 'number', column: 'body', field: 'type' },
    mailbox: { key: 'id', column: 'body', field: 'id' },
    reports: { key: 'number', column: 'body', field: 'notice' },
    intents: { key: 'key', column: 'body', field: 'do' },
    answers: { key: 'request_id', column: 'body', field: 'is', now: 'command_results' },
    decisions: { key: 'id', column: 'body', field: 'toolUseId' },
    turn_queue: { key: 'id', column: 'text', field: null, now: 'queued_messages' },
    usage: { key: 'id', column: 'cost', field: null },
  };

const CODE = ['bad JSON', 'truncated', 'missing field', 'wrong type'] as const;

function damaged(value: unknown, field: string | null, how: (typeof CODE)[number]): unknown {
  if (field === null) return new TextEncoder().encode('no such value').buffer;
  const text = String(value);
  if (how === 'bad JSON') return `not ${text}`;
  if (how === 'truncated') return text.slice(0, text.length / 2);
  const json: Record<string, unknown> = JSON.parse(text);
  return JSON.stringify({ ...json, [field]: how === 'missing field' ? undefined : [7] });
}

/** Damages every tenth row, each in another way, from the given one on. @returns those that are damaged. */
export function damageEveryTenth({ sql }: DurableObjectStorage, first: number): Damaged[] {
  const done: Damaged[] = [];
  let count = 0;
  for (const [table, { key, column, field, now }] of Object.entries(TABLES)) {
    const [known] = sql.exec('SELECT 1 FROM sqlite_master WHERE name = ?', table);
    if (known === undefined) continue;
    const rows = sql
      .exec(`SELECT rowid AS damaged_row, * FROM ${table} WHERE ${column} IS NOT NULL`)
      .toArray();
    for (const row of rows) {
      if (count++ % 10 !== first) continue;
      const value = damaged(row[column], field, CODE[done.length % CODE.length] ?? 'bad JSON');
      sql.exec(`UPDATE ${table} SET ${column} = ? WHERE rowid = ?`, value, row.damaged_row);
      done.push({ table: now ?? table, key: String(row[key]) });
    }
  }
  return done;
}
