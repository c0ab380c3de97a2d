import * as z from 'zod/mini';
import type { Plan } from '../../../protocol/decision.ts';
import type { SetAside } from '../../platform/set-aside.ts';
import { StoredOutcome, StoredPlan, StoredQuestion } from './shapes.ts';

/** What a worker asked: of one tool call, which waits for it. */
export const StoredDecision = z.object({
  id: z.string(),
  toolUseId: z.string(),
  body: z.discriminatedUnion('is', [
    z.object({ is: z.literal('question'), questions: z.array(StoredQuestion) }),
    z.object({ is: z.literal('plan'), plan: StoredPlan }),
  ]),
  /** Null while nobody decided. */
  outcome: z.nullable(StoredOutcome),
  /** Of a push that was held: whether the person allowed it; missing in all others, and while nobody decided. */
  allowed: z.optional(z.boolean()),
  /** Whether the inbox shows it, which is over when its task goes another way; missing in older rows. */
  open: z.optional(z.boolean()),
});
export type Decision = z.infer<typeof StoredDecision>;

/** Questions and plans of one task, each under the tool call that asked: a repeated call asks nothing new. */
export class DecisionStore {
  readonly #sql: SqlStorage;
  readonly #setAside: SetAside;

  constructor({ sql }: DurableObjectStorage, setAside: SetAside) {
    this.#sql = sql;
    this.#setAside = setAside;
  }

  put(decision: Decision): void {
    this.#sql.exec(
      'INSERT OR REPLACE INTO decisions (id, tool_use_id, kind, body) VALUES (?, ?, ?, ?)',
      decision.id,
      decision.toolUseId,
      decision.body.is,
      this.#setAside.fit({ table: 'decisions', key: decision.id }, decision),
    );
  }

  /** The inbox shows none of them any more. */
  close(): void {
    this.#sql.exec(
      `UPDATE decisions SET body = json_set(body, '$.open', json('false'))
        WHERE CASE WHEN json_valid(body) THEN coalesce(json_extract(body, '$.open'), 1) END`,
    );
  }

  get(id: string): Decision | null {
    return this.#one('SELECT id, body FROM decisions WHERE id = ?', id);
  }

  ofToolUse(toolUseId: string): Decision | null {
    return this.#one('SELECT id, body FROM decisions WHERE tool_use_id = ?', toolUseId);
  }

  /** All of them, in their order. */
  all(): Decision[] {
    const rows = this.#sql.exec<{ key: string; body: string }>(
      'SELECT id AS key, body FROM decisions ORDER BY rowid',
    );
    return this.#setAside.readAll(StoredDecision, 'decisions', rows);
  }

  /** The plan that was presented last; null before the first. */
  lastPlan(): Plan | null {
    const last = this.#one(
      "SELECT id, body FROM decisions WHERE kind = 'plan' ORDER BY rowid DESC LIMIT 1",
    );
    return last?.body.is === 'plan' ? last.body.plan : null;
  }

  #one(query: string, ...bindings: string[]): Decision | null {
    const [row] = this.#sql.exec<{ id: string; body: string }>(query, ...bindings);
    if (row === undefined) return null;
    return this.#setAside.readJson(StoredDecision, { table: 'decisions', key: row.id }, row.body);
  }
}
