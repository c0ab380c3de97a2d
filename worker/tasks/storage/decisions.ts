import * as z from 'zod/mini';
import { type Plan, Plan as PlanSchema, Question } from '../../../protocol/decision.ts';
import { InboxOutcome } from '../../../protocol/inbox.ts';

/** What a worker asked: of one tool call, which waits for it. */
export const Decision = z.object({
  id: z.string(),
  toolUseId: z.string(),
  body: z.discriminatedUnion('is', [
    z.object({ is: z.literal('question'), questions: z.array(Question) }),
    z.object({ is: z.literal('plan'), plan: PlanSchema }),
  ]),
  /** Null while nobody decided. */
  outcome: z.nullable(InboxOutcome),
});
export type Decision = z.infer<typeof Decision>;

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS decisions (id TEXT PRIMARY KEY, tool_use_id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, body TEXT NOT NULL);
`;

/** Questions and plans of one task, each under the tool call that asked: a repeated call asks nothing new. */
export class DecisionStore {
  readonly #sql: SqlStorage;

  constructor(storage: DurableObjectStorage) {
    this.#sql = storage.sql;
  }

  init(): void {
    this.#sql.exec(SCHEMA);
  }

  put(decision: Decision): void {
    this.#sql.exec(
      'INSERT OR REPLACE INTO decisions (id, tool_use_id, kind, body) VALUES (?, ?, ?, ?)',
      decision.id,
      decision.toolUseId,
      decision.body.is,
      JSON.stringify(decision),
    );
  }

  get(id: string): Decision | null {
    return this.#one('SELECT body FROM decisions WHERE id = ?', id);
  }

  ofToolUse(toolUseId: string): Decision | null {
    return this.#one('SELECT body FROM decisions WHERE tool_use_id = ?', toolUseId);
  }

  /** The plan that was presented last; null before the first. */
  lastPlan(): Plan | null {
    const last = this.#one(
      "SELECT body FROM decisions WHERE kind = 'plan' ORDER BY rowid DESC LIMIT 1",
    );
    return last?.body.is === 'plan' ? last.body.plan : null;
  }

  #one(query: string, ...bindings: string[]): Decision | null {
    const [row] = this.#sql.exec<{ body: string }>(query, ...bindings);
    return row === undefined ? null : Decision.parse(JSON.parse(row.body));
  }
}
