import * as z from 'zod/mini';
import type { Repository } from '../../../protocol/repository.ts';
import { DEFAULT_SETTINGS, type Settings } from '../../../protocol/settings.ts';
import type { TaskQueue } from '../../../protocol/task.ts';
import type { SetAside } from '../../platform/set-aside.ts';
import { StoredDay } from '../../platform/stored-values.ts';
import type { Summary } from '../reply/prompt.ts';
import {
  SalvagedSettings,
  StoredQueue,
  StoredRepositories,
  StoredSettings,
  StoredThreadSummary,
} from './rows.ts';

type Repositories = { at: number; list: Repository[] };

/** What the conversation keeps under a key each. One that cannot be read counts as not there. */
export abstract class ThreadValues {
  readonly setAside: SetAside;
  /** Why the storage was not opened; then there is nothing to read, and nothing is written. */
  closed: string | null = null;
  readonly #kv: DurableObjectStorage['kv'];

  constructor(storage: DurableObjectStorage, setAside: SetAside) {
    this.#kv = storage.kv;
    this.setAside = setAside;
  }

  /** True when somebody signed in here, whether or not it can be read who. */
  get holdsThread(): boolean {
    return this.#kv.get<unknown>('person') !== undefined;
  }

  /** Whose conversation this is. */
  get personId(): string | null {
    return this.#read('person', z.string());
  }

  set personId(id: string) {
    this.#kv.put('person', id);
  }

  /** The address that the person signed in with last; empty before. */
  get email(): string {
    return this.#read('email', z.string()) ?? '';
  }

  set email(email: string) {
    this.#kv.put('email', email);
  }

  get summary(): Summary | null {
    return this.#read('summary', z.nullable(StoredThreadSummary));
  }

  set summary(summary: Summary | null) {
    const place = { table: 'kv', key: 'summary' };
    this.#kv.put(
      'summary',
      this.setAside.fitValue(z.nullable(StoredThreadSummary), place, summary),
    );
  }

  /** What the person has set; the defaults where nothing was, or nothing that can be read. */
  get settings(): Settings {
    const whole = this.#read('settings', StoredSettings);
    if (whole !== null) return whole;
    const salvaged = SalvagedSettings.safeParse(this.#kv.get<unknown>('settings'));
    return salvaged.success ? salvaged.data : DEFAULT_SETTINGS;
  }

  set settings(settings: Settings) {
    const place = { table: 'kv', key: 'settings' };
    this.#kv.put('settings', this.setAside.fitValue(StoredSettings, place, settings));
  }

  /** The queue as clients were last told. */
  get queue(): TaskQueue {
    return this.#read('queue', StoredQueue) ?? [];
  }

  set queue(queue: TaskQueue) {
    this.#kv.put('queue', queue);
  }

  /** The UTC day of which the person was told that most of its money is spent. */
  get dayTold(): string | null {
    return this.#read('day_told', StoredDay);
  }

  set dayTold(day: string) {
    this.#kv.put('day_told', day);
  }

  get repositories(): Repositories {
    return this.#read('repositories', StoredRepositories) ?? { at: 0, list: [] };
  }

  set repositories(known: Repositories) {
    this.#kv.put('repositories', known);
  }

  #read<T>(key: string, schema: z.ZodMiniType<T>): T | null {
    const value = this.#kv.get<unknown>(key);
    return value === undefined ? null : this.setAside.read(schema, { table: 'kv', key }, value);
  }
}
