import * as z from 'zod/mini';
import type { Repository } from '../../../protocol/repository.ts';
import type { Summary } from './summary.ts';
import { DEFAULT_SETTINGS, type Settings } from '../../../protocol/settings.ts';
import type { TaskQueue } from '../../../protocol/task.ts';
import type { VapidKeys } from '../../push/vapid.ts';
import { KeptValues, type ValueSchemas } from '../../platform/kept-values.ts';
import type { SetAside } from '../../platform/set-aside.ts';
import { StoredDay, StoredTime } from '../../platform/stored-values.ts';
import {
  SalvagedSettings,
  StoredQueue,
  StoredRepositories,
  StoredSettings,
  StoredThreadSummary,
} from './rows.ts';

const REBUILDING =
  'This conversation is being rebuilt from Postgres. If that was cut short, it goes on by itself within minutes, or at once with the same command.';

const IMPORTING =
  'What was exported elsewhere is being imported here. If that was cut short, run the import again with the same file.';

type Repositories = { at: number; list: Repository[] };

/** Which file is imported, and what of it comes now: its rows into Postgres, then its tasks, at last the conversation. */
export type Importing = { id: string; now: 'rows' | 'tasks' | 'done' };

/** What fails and was told, by its name: the item, and what would make it news once more. */
export type KeptAlerts = Record<string, { itemId: string; gist: string }>;

/** A person's own token for the git host, sealed; `hash` tells whether it is the one that was refused. */
type KeptGitToken = {
  sealed: string;
  hash: string;
  login: string;
  /** Absent in what was stored before it was asked for. */
  atHost?: { email: string; url: string } | undefined;
  at: number;
  refusedAt: number | null;
};

/** Whose conversation is rebuilt. */
type RebuiltPerson = { id: string; email: string };

type Values = {
  person: string;
  email: string;
  summary: Summary | null;
  settings: Settings;
  queue: TaskQueue;
  day_told: string;
  repositories: Repositories;
  epoch: number;
  rebuilding: boolean;
  rebuilding_for: RebuiltPerson;
  importing: Importing;
  history_behind_since: number;
  vapid: VapidKeys;
  seen_at: number;
  alerts: KeptAlerts;
  git_token: KeptGitToken | null;
};

export const THREAD_VALUES: ValueSchemas<Values> = {
  person: z.string(),
  email: z.string(),
  summary: z.nullable(StoredThreadSummary),
  settings: StoredSettings,
  queue: StoredQueue,
  day_told: StoredDay,
  repositories: StoredRepositories,
  epoch: StoredTime,
  rebuilding: z.boolean(),
  rebuilding_for: z.object({ id: z.string(), email: z.string() }),
  history_behind_since: StoredTime,
  vapid: z.object({ publicKey: z.string(), privateKey: z.string() }),
  seen_at: StoredTime,
  alerts: z.record(z.string(), z.object({ itemId: z.string(), gist: z.string() })),
  git_token: z.nullable(
    z.object({
      sealed: z.string(),
      hash: z.string(),
      login: z.string(),
      atHost: z.optional(z.object({ email: z.string(), url: z.string() })),
      at: StoredTime,
      refusedAt: z.nullable(StoredTime),
    }),
  ),
  importing: z.object({ id: z.string(), now: z.enum(['rows', 'tasks', 'done']) }),
};

/** What the conversation keeps under a key each. One that cannot be read counts as not there. */
export abstract class ThreadValues {
  readonly setAside: SetAside;
  /** Why the storage was not opened; then there is nothing to read, and nothing is written. */
  closed: string | null = null;
  readonly #values: KeptValues<Values>;

  constructor(storage: DurableObjectStorage, setAside: SetAside) {
    this.setAside = setAside;
    this.#values = new KeptValues(storage, setAside, THREAD_VALUES);
  }

  /** True when somebody signed in here, whether or not it can be read who, and while it is rebuilt or imported. */
  get holdsThread(): boolean {
    return this.#values.raw('person') !== undefined || this.rebuilding || this.isImporting;
  }

  /** Whose conversation this is. */
  get personId(): string | null {
    return this.#values.get('person');
  }

  set personId(id: string) {
    this.#values.put('person', id);
  }

  /** The address that the person signed in with last; empty before. */
  get email(): string {
    return this.#values.get('email') ?? '';
  }

  set email(email: string) {
    this.#values.put('email', email);
  }

  get summary(): Summary | null {
    return this.#values.get('summary');
  }

  set summary(summary: Summary | null) {
    this.#values.put('summary', summary);
  }

  /** What the person has set; the defaults where nothing was, or nothing that can be read. */
  get settings(): Settings {
    const whole = this.#values.get('settings');
    if (whole !== null) return whole;
    const salvaged = SalvagedSettings.safeParse(this.#values.raw('settings'));
    return salvaged.success ? salvaged.data : DEFAULT_SETTINGS;
  }

  set settings(settings: Settings) {
    this.#values.put('settings', settings);
  }

  /** The queue as clients were last told. */
  get queue(): TaskQueue {
    return this.#values.get('queue') ?? [];
  }

  set queue(queue: TaskQueue) {
    this.#values.put('queue', queue);
  }

  /** The UTC day of which the person was told that most of its money is spent. */
  get dayTold(): string | null {
    return this.#values.get('day_told');
  }

  set dayTold(day: string) {
    this.#values.put('day_told', day);
  }

  /** True from the beginning of a rebuild to its end: what is here then is not whole. */
  get rebuilding(): boolean {
    return this.#values.get('rebuilding') ?? false;
  }

  /** Whose conversation is being rebuilt; null when none is. */
  get rebuildingFor(): RebuiltPerson | null {
    return this.rebuilding ? this.#values.get('rebuilding_for') : null;
  }

  beginRebuilding({ id, email }: RebuiltPerson): void {
    this.#values.put('rebuilding_for', { id, email });
    this.#values.put('rebuilding', true);
  }

  endRebuilding(): void {
    this.#values.put('rebuilding', false);
  }

  /** True from the beginning of an import to its end: what is here then is not whole. */
  get isImporting(): boolean {
    return this.importing !== null && this.importing.now !== 'done';
  }

  /** Why nothing else is read or changed here now; null when that may be. */
  get notYetWhole(): string | null {
    if (this.rebuilding) return REBUILDING;
    return this.isImporting ? IMPORTING : null;
  }

  /** The import that has begun here last; null where none ever did. */
  get importing(): Importing | null {
    return this.#values.get('importing');
  }

  set importing(importing: Importing) {
    this.#values.put('importing', importing);
  }

  get alerts(): KeptAlerts {
    return this.#values.get('alerts') ?? {};
  }

  set alerts(alerts: KeptAlerts) {
    this.#values.put('alerts', alerts);
  }

  /** How pushes to this person's devices are signed; null before anyone needed that. */
  get vapid(): VapidKeys | null {
    return this.#values.get('vapid');
  }

  set vapid(keys: VapidKeys) {
    this.#values.put('vapid', keys);
  }

  /** True where the person has a token of their own, whether or not it can be read. */
  get holdsGitToken(): boolean {
    return (this.#values.raw('git_token') ?? null) !== null;
  }

  get gitToken(): KeptGitToken | null {
    return this.#values.get('git_token');
  }

  set gitToken(token: KeptGitToken | null) {
    this.#values.put('git_token', token);
  }

  /** When a page was in sight last, as far as it was told; null before one was. */
  get seenAt(): number | null {
    return this.#values.get('seen_at');
  }

  set seenAt(at: number) {
    this.#values.put('seen_at', at);
  }

  get repositories(): Repositories {
    return this.#values.get('repositories') ?? { at: 0, list: [] };
  }

  set repositories(known: Repositories) {
    this.#values.put('repositories', known);
  }

  /** Reads them all, so that those that cannot be read are named. */
  inspectValues(): void {
    this.#values.inspect();
  }
}
