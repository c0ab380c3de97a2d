import { DurableObject } from 'cloudflare:workers';
import type { Env } from '../env.ts';
import { log } from '../platform/log.ts';
import { type Migration, migrate } from '../platform/migrations.ts';

/** The steps of this object's storage. See `Migration`: add at the end, never change one. */
export const FAN_OUT_MIGRATIONS: readonly Migration[] = [
  {
    name: 'the first tables',
    breaks: true,
    up: ({ sql }) => {
      sql.exec(`
        CREATE TABLE IF NOT EXISTS watchers (task TEXT PRIMARY KEY);
        CREATE TABLE IF NOT EXISTS deliveries (id TEXT PRIMARY KEY, at INTEGER NOT NULL);
      `);
    },
  },
];
/** GitHub sends a delivery again within three days at most. */
const REMEMBERED_MS = 3 * 24 * 60 * 60_000;

/** The name of a repository's fan-out: the host does not tell upper from lower case. */
export function fanOutName(repository: string): string {
  return repository.toLowerCase();
}

/**
 * One repository's webhooks: tells the tasks that work there to look at the git host now. What a
 * webhook says is not believed any further, so that a forged or late one could at most cause a look.
 */
export class WebhookFanOut extends DurableObject<Env> {
  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    // Where that fails, each call does: a task polls then, and registers again.
    migrate(ctx.storage, FAN_OUT_MIGRATIONS);
  }

  /** @param task name of the Task's object. */
  async watch(task: string): Promise<void> {
    this.ctx.storage.sql.exec('INSERT OR IGNORE INTO watchers (task) VALUES (?)', task);
  }

  /** Rings once for each delivery; those who have nothing to look for any more leave. */
  async poke(delivery: string): Promise<'poked' | 'seen before'> {
    const { sql } = this.ctx.storage;
    const now = Date.now();
    const isNew = this.ctx.storage.transactionSync(() => {
      sql.exec('DELETE FROM deliveries WHERE at < ?', now - REMEMBERED_MS);
      const [known] = sql.exec('SELECT id FROM deliveries WHERE id = ?', delivery).toArray();
      if (known !== undefined) return false;
      sql.exec('INSERT INTO deliveries (id, at) VALUES (?, ?)', delivery, now);
      return true;
    });
    if (!isNew) return 'seen before';
    const watchers = sql.exec<{ task: string }>('SELECT task FROM watchers').toArray();
    await Promise.all(
      watchers.map(async ({ task }) => {
        try {
          const answer = await this.env.TASK.get(this.env.TASK.idFromName(task)).poke();
          if (answer === 'over') sql.exec('DELETE FROM watchers WHERE task = ?', task);
        } catch (error) {
          // Its own timers look, too.
          log.warn('fanOut.task_not_reached', { task: task.slice(0, 26), error: String(error) });
        }
      }),
    );
    return 'poked';
  }
}
