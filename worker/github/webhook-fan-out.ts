import { DurableObject } from 'cloudflare:workers';
import * as z from 'zod/mini';
import type { Env } from '../env.ts';
import { Alarm } from '../platform/alarm.ts';
import { log } from '../platform/log.ts';
import { type Migration, migrate } from '../platform/migrations.ts';
import { StoredTime } from '../platform/stored-values.ts';

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

/** Deliveries come in swarms (a check run has three, a push a dozen): the first pokes at once, all others once after this. */
const PAUSE_MS = 3_000;

/** The one object that counts deliveries with a wrong signature; no repository has this name. */
export const UNSIGNED_NAME = '(unsigned)';
const UNSIGNED_KEY = 'unsigned';
const UNSIGNED_KEPT = 20;

/** The name of a repository's fan-out: the host does not tell upper from lower case. */
export function fanOutName(repository: string): string {
  return repository.toLowerCase();
}

/**
 * One repository's webhooks: tells the tasks that work there to look at the git host now. What a
 * webhook says is not believed any further, so that a forged or late one could at most cause a look.
 */
export class WebhookFanOut extends DurableObject<Env> {
  readonly #alarm: Alarm;
  /** Deliveries so far, to tell whether one came during a round. */
  #count = 0;
  /** True while a delivery waits for a round that begins after it. */
  #owed = false;
  #pokedAt = 0;
  #rounds = 0;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    // Where that fails, each call does: a task polls then, and registers again.
    migrate(ctx.storage, FAN_OUT_MIGRATIONS);
    this.#alarm = new Alarm(ctx.storage, () => [this.#owed ? this.#pokedAt + PAUSE_MS : null]);
  }

  /** @param task name of the Task's object. */
  async watch(task: string): Promise<void> {
    this.ctx.storage.sql.exec('INSERT OR IGNORE INTO watchers (task) VALUES (?)', task);
  }

  /**
   * Pokes for each delivery (by its signature) once, and for many within a moment once now and once after them. The
   * alarm is set before the delivery is remembered, and before the tasks are told: an object that ends
   * anywhere in between tells them when the alarm goes off, or when the host delivers again.
   */
  async poke(delivery: string): Promise<'poked' | 'later' | 'seen before'> {
    if (this.#knows(delivery)) return 'seen before';
    this.#count++;
    this.#owed = true;
    const isSwarm = this.#rounds > 0 || Date.now() < this.#pokedAt + PAUSE_MS;
    await this.#alarm.set();
    this.#remember(delivery);
    if (isSwarm) return 'later';
    await this.#pokeAll();
    return 'poked';
  }

  /** When the last delivery came; null where none did in three days. */
  async lastDelivery(): Promise<number | null> {
    const { sql } = this.ctx.storage;
    const [row] = sql.exec<{ at: number | null }>('SELECT max(at) AS at FROM deliveries');
    return row?.at ?? null;
  }

  /** A delivery whose signature is wrong: of no repository, since nothing in it is believed. */
  async noteUnsigned(now: number): Promise<void> {
    this.ctx.storage.kv.put(UNSIGNED_KEY, [...this.#unsigned(), now].slice(-UNSIGNED_KEPT));
  }

  /** When those came, the oldest first: the newest few. */
  async unsigned(): Promise<number[]> {
    return this.#unsigned();
  }

  #unsigned(): number[] {
    const kept = z.array(StoredTime).safeParse(this.ctx.storage.kv.get<unknown>(UNSIGNED_KEY));
    return kept.success ? kept.data : [];
  }

  override alarm(): Promise<void> {
    return this.#alarm.goOff(() => this.#pokeAll());
  }

  #knows(delivery: string): boolean {
    const { sql } = this.ctx.storage;
    return sql.exec('SELECT id FROM deliveries WHERE id = ?', delivery).toArray().length > 0;
  }

  #remember(delivery: string): void {
    const { sql } = this.ctx.storage;
    const now = Date.now();
    this.ctx.storage.transactionSync(() => {
      sql.exec('DELETE FROM deliveries WHERE at < ?', now - REMEMBERED_MS);
      sql.exec('INSERT OR IGNORE INTO deliveries (id, at) VALUES (?, ?)', delivery, now);
    });
  }

  /** One round: all watchers are told; those who have nothing to look for any more leave. */
  async #pokeAll(): Promise<void> {
    const begun = this.#count;
    this.#pokedAt = Date.now();
    this.#rounds++;
    const { sql } = this.ctx.storage;
    try {
      const watchers = sql.exec<{ task: string }>('SELECT task FROM watchers').toArray();
      await Promise.all(watchers.map(({ task }) => this.#pokeOne(task)));
    } finally {
      this.#rounds--;
    }
    if (this.#count !== begun) return;
    this.#owed = false;
    await this.ctx.storage.deleteAlarm();
  }

  async #pokeOne(task: string): Promise<void> {
    try {
      const answer = await this.env.TASK.get(this.env.TASK.idFromName(task)).poke();
      if (answer === 'over') {
        this.ctx.storage.sql.exec('DELETE FROM watchers WHERE task = ?', task);
      }
    } catch (error) {
      // Its own timers look, too.
      log.warn('fanOut.task_not_reached', { task: task.slice(0, 26), error: String(error) });
    }
  }
}
