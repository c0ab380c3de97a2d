import { ulid } from 'ulid';
import type { HealthCheck } from '../../../protocol/health.ts';
import type { HistoryOutbox } from '../../history/outbox.ts';
import { coalesced } from '../../platform/coalesce.ts';
import { inParallel } from '../../platform/in-parallel.ts';
import { log } from '../../platform/log.ts';
import type { TaskApi, TaskVitals } from '../../tasks/api.ts';
import type { ChangeLog } from '../change-log.ts';
import type { ThreadPorts } from '../ports.ts';
import type { Sockets } from '../sockets.ts';
import type { ThreadStore } from '../storage/thread-store.ts';
import { alertChanges } from './alerts.ts';
import { type Checked, type HealthFacts, type HealthLimits, checksOf } from './checks.ts';
import type { ModelRecord } from './model-record.ts';

const ASKED_AT_ONCE = 20;
/** How often tasks and webhooks are asked while one is open; their sandboxes with them. */
const LOOK_EVERY_MS = 60_000;
/** The same while something of a task's is not as it should be: it may be mended any moment. */
const LOOK_AGAIN_MS = 10_000;
/** Tasks that ended lately are asked, too: what they had to do outside goes on. A person who looks asks further back. */
const ENDED_LATELY_MS = 30 * 60_000;
const ENDED_TODAY_MS = 24 * 60 * 60_000;

type Parts = {
  store: ThreadStore;
  changeLog: ChangeLog;
  history: HistoryOutbox;
  sockets: Sockets;
  model: ModelRecord;
  ports: () => ThreadPorts;
  task: (taskId: string) => TaskApi;
  limits: HealthLimits;
};

type Outside = Pick<HealthFacts, 'tasks' | 'silentTasks' | 'webhooks'>;

const NOTHING_KNOWN: Outside = {
  tasks: [],
  silentTasks: 0,
  webhooks: { configured: true, lastAt: null, unsigned: [] },
};

const isAmiss = ({ ended, setAside, history }: TaskVitals) =>
  ended !== null || setAside > 0 || history.behindSince !== null;

/** Looks after everything of a person's, and tells in the inbox what has failed for a while. */
export class HealthWatch {
  readonly #parts: Parts;
  /** What others said last. */
  #outside: Outside = NOTHING_KNOWN;
  #lookedAt = 0;
  /** Tasks that are asked though they ended long ago. */
  readonly #wanted = new Set<string>();
  #endedSinceMs = ENDED_LATELY_MS;
  /** Since when each task's sandbox is missing, in this life of the object. */
  readonly #missing = new Map<string, number>();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** How everything is now. */
  async report(): Promise<HealthCheck[]> {
    this.#endedSinceMs = ENDED_TODAY_MS;
    await this.#look();
    return this.#told().map(({ gist: _gist, ...check }) => check);
  }

  /** Asks the tasks, where that is due, and tells what changed. Never throws. */
  async run(): Promise<void> {
    try {
      const isDue = Date.now() >= this.#lookedAt + LOOK_EVERY_MS;
      const isAgain = this.#isUneasy() && Date.now() >= this.#lookedAt + LOOK_AGAIN_MS;
      const isWanted = this.#wanted.size > 0 || this.#parts.store.openTasks().any;
      if (isAgain || (isDue && isWanted)) await this.#look();
      this.#told();
    } catch (error) {
      // It is looked at again with the next change, or the next alarm.
      log.error('health.not_looked', error);
    }
  }

  /** Something of this task's was given up: it is asked with the next `run`. */
  lookAt(taskId: string): void {
    this.#wanted.add(taskId);
    this.#lookedAt = 0;
  }

  /** When `run` has something to tell though nothing else happens; null when it has not. */
  wakeAt(): number | null {
    const since = this.#parts.history.behindSince();
    const due = since === null ? null : since + this.#parts.limits.historyBehindMs;
    const times = [
      due === null || due < Date.now() ? null : due,
      this.#isUneasy() ? this.#lookedAt + LOOK_AGAIN_MS : null,
    ].filter((time) => time !== null);
    return times.length === 0 ? null : Math.min(...times);
  }

  /** Something that a task said is not as it should be. */
  #isUneasy(): boolean {
    const { tasks, silentTasks } = this.#outside;
    const isUneasy = tasks.some(
      ({ vitals }) => vitals.history.behindSince !== null || vitals.sandbox === 'missing',
    );
    return isUneasy || silentTasks > 0;
  }

  /** What is known now, once the inbox says the same. */
  #told(): Checked[] {
    const { store, changeLog } = this.#parts;
    const now = Date.now();
    const checks = checksOf(this.#facts(), this.#parts.limits, now);
    // Before anyone was asked, nothing of theirs counts as mended.
    const asked = this.#lookedAt > 0;
    const judged = checks.filter(({ name }) => asked || name === 'history' || name === 'model');
    const itemOf = (id: string) => {
      const item = store.inboxItem(id);
      return item?.kind === 'alert' ? item : null;
    };
    const before = store.alerts;
    const { put, kept } = alertChanges(judged, before, itemOf, { now, newId: ulid });
    const others = Object.entries(before).filter(
      ([name]) => !judged.some((check) => check.name === name),
    );
    const next = { ...Object.fromEntries(others), ...kept };
    if (put.length === 0 && JSON.stringify(next) === JSON.stringify(before)) return checks;
    changeLog.change(() => {
      for (const item of put) changeLog.putInbox(item, now);
      store.alerts = next;
    });
    for (const { about, text, outcome } of put) {
      if (outcome === null) log.warn('health.alert', { about, text });
      else log.info('health.mended', { about });
    }
    return checks;
  }

  #facts(): HealthFacts {
    const { store, history, sockets, model, ports } = this.#parts;
    const times = [
      history.behindSince(),
      ...this.#outside.tasks.map(({ vitals }) => vitals.history.behindSince),
    ].filter((at) => at !== null);
    const rows = this.#outside.tasks.reduce((sum, { vitals }) => sum + vitals.history.rows, 0);
    return {
      ...this.#outside,
      history: {
        configured: ports().history !== null,
        rows: rows + history.pending(),
        behindSince: times.length === 0 ? null : Math.min(...times),
      },
      setAside: store.setAside.count(),
      model: model.facts(),
      pages: sockets.count(),
    };
  }

  readonly #look = coalesced(async () => {
    const { store, task, ports } = this.#parts;
    const tasks: HealthFacts['tasks'] = [];
    let silentTasks = 0;
    const lately = store.taskIdsToAsk(Date.now() - this.#endedSinceMs, []);
    this.#endedSinceMs = ENDED_LATELY_MS;
    const taskIds = [...new Set([...lately, ...this.#wanted])];
    await inParallel(taskIds, ASKED_AT_ONCE, async (taskId) => {
      try {
        const vitals = await task(taskId).vitals();
        // What is amiss there stays in sight, however long ago it ended.
        if (vitals !== null && isAmiss(vitals)) this.#wanted.add(taskId);
        else this.#wanted.delete(taskId);
        if (vitals === null) return;
        const missingSince = this.#missingSince(taskId, vitals.sandbox === 'missing');
        tasks.push({ taskId, title: store.task(taskId)?.title ?? '', vitals, missingSince });
      } catch {
        silentTasks++;
      }
    });
    const repositories = new Set(taskIds.flatMap((taskId) => store.task(taskId)?.repository ?? []));
    const webhooks = await ports()
      .webhooks([...repositories])
      .catch(() => this.#outside.webhooks);
    this.#outside = { tasks, silentTasks, webhooks };
    this.#lookedAt = Date.now();
  });

  #missingSince(taskId: string, isMissing: boolean): number | null {
    if (!isMissing) {
      this.#missing.delete(taskId);
      return null;
    }
    const since = this.#missing.get(taskId) ?? Date.now();
    this.#missing.set(taskId, since);
    return since;
  }
}
