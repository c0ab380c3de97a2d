import { coalesced } from '../platform/coalesce.ts';
import { log } from '../platform/log.ts';
import type { TaskProgress, TaskReport, TaskSpec } from './api.ts';
import type { TaskAggregate } from './aggregate.ts';
import { type Outcome, carryOut } from './carry-out.ts';
import type { OutboxEffect } from './lifecycle/outbox-effect.ts';
import { afterFailure } from './outbox-limits.ts';
import type { TaskPorts } from './ports.ts';
import type { OutboxRow } from './storage/outbox-rows.ts';
import type { TaskStore } from './storage/task-store.ts';

/** Between tries to tell the main thread, which has to hear it all. */
const REPORT_PAUSE_MS = { first: 1_000, longest: 30_000 };
/** A report that was not taken for so long is dropped: the main thread asks how the task stands. */
const REPORT_WITHIN_MS = 15 * 60_000;
/** Tries that each has in any case, in a row: this object may have slept, or the main thread been away. */
const REPORT_TRIES_MIN = 4;
const REPORT_DROPPED =
  'The conversation did not take what this task had to tell. It asks by itself how the task stands.';
/** What is being carried out is looked at again so soon, in case this object ends meanwhile. */
const IN_FLIGHT_MS = 5_000;

/** Pause of a row whose outcome could not be stored. */
const NOT_SETTLED_MS = 60_000;

/** Carries out what the Task has written down: its outbox, and its reports to the main thread. */
export class TaskOutbox {
  readonly #store: TaskStore;
  readonly #aggregate: TaskAggregate;
  readonly #ports: () => TaskPorts;
  /** Keys of the rows that are being carried out: one that takes long holds up no other. */
  readonly #inFlight = new Set<string>();
  #reportsDueAt = 0;
  #reportTries = 0;
  #progress: { personId: string; progress: TaskProgress } | null = null;
  #telling = false;

  constructor(store: TaskStore, aggregate: TaskAggregate, ports: () => TaskPorts) {
    this.#store = store;
    this.#aggregate = aggregate;
    this.#ports = ports;
  }

  /** Does all that is due; never throws. */
  async run(): Promise<void> {
    await Promise.all([this.#carryOutRows(), this.#deliverReports()]);
    // What was carried out may be worth a report: a sandbox that ended has freed its slot.
    await this.#deliverReports();
  }

  /** When `run` has something to do again, or null. */
  wakeAt(): number | null {
    const times = this.#ready().map(({ key, dueAt }) =>
      this.#inFlight.has(key) ? Date.now() + IN_FLIGHT_MS : dueAt,
    );
    if (this.#store.firstReport() !== null) times.push(this.#reportsDueAt);
    return times.length === 0 ? null : Math.min(...times);
  }

  /** Tells the newest progress; while one telling is under way, only the newest after it. */
  async tellProgress(personId: string, progress: TaskProgress): Promise<void> {
    this.#progress = { personId, progress };
    if (this.#telling) return;
    this.#telling = true;
    try {
      while (this.#progress !== null) {
        const next: { personId: string; progress: TaskProgress } = this.#progress;
        this.#progress = null;
        await this.#ports().thread(next.personId).taskProgress(next.progress);
      }
    } catch (error) {
      // The next one, or the next report, says the same.
      log.warn('task.progress_not_told', { taskId: progress.taskId, error: String(error) });
    } finally {
      this.#telling = false;
    }
  }

  /** Rows whose turn could come: a comment on the issue waits until the issue is there. */
  #ready(): OutboxRow[] {
    const rows = this.#store.outbox.all();
    return this.#store.issue === null ? rows.filter(({ effect }) => !needsIssue(effect)) : rows;
  }

  /** What was meant for an issue that will never be: its own end has been told, and is theirs. */
  #dropOrphans(): void {
    const rows = this.#store.outbox.all();
    const mayCome =
      this.#store.issue !== null || rows.some(({ effect }) => effect.do === 'open_issue');
    if (mayCome) return;
    for (const row of rows) if (needsIssue(row.effect)) this.#store.outbox.remove(row);
  }

  async #carryOutRows(): Promise<void> {
    const spec = this.#store.head()?.spec;
    if (spec === undefined) return;
    this.#dropOrphans();
    for (;;) {
      const now = Date.now();
      const due = this.#ready().filter((row) => row.dueAt <= now && !this.#inFlight.has(row.key));
      if (due.length === 0) return;
      await Promise.all(due.map((row) => this.#carryOut(spec, row)));
    }
  }

  async #carryOut(spec: TaskSpec, row: OutboxRow): Promise<void> {
    this.#inFlight.add(row.key);
    try {
      const outcome = await this.#try(spec, row);
      this.#store.transaction(() => this.#settle(row, outcome));
    } catch (error) {
      // What was done could not be written down: it is found again by its mark, and not at once.
      log.error('task.effect_not_settled', error, { taskId: spec.taskId, key: row.key });
      this.#store.outbox.postpone(row, Date.now() + NOT_SETTLED_MS);
    } finally {
      this.#inFlight.delete(row.key);
    }
  }

  async #try(spec: TaskSpec, { key, effect }: OutboxRow): Promise<Outcome> {
    try {
      return await carryOut(effect, this.#ports(), { spec, issue: this.#store.issue });
    } catch (error) {
      log.error('task.effect_failed', error, { taskId: spec.taskId, key });
      return { is: 'failed', why: 'It does not answer.', retryAfterMs: 0 };
    }
  }

  #settle(row: OutboxRow, outcome: Outcome): void {
    if (outcome.is === 'failed') {
      const next = afterFailure(row, outcome, Date.now());
      if (next.is === 'again') return this.#store.outbox.postpone(row, next.at);
      this.#store.outbox.remove(row);
      this.#aggregate.tellEnd(row, next.text);
      return this.#dropOrphans();
    }
    this.#store.outbox.remove(row);
    this.#store.effectDone(row.effect.do);
    switch (outcome.is) {
      case 'done':
        break;
      case 'sandbox_stopped':
        this.#aggregate.tellSlot();
        break;
      case 'checkpoint_deleted':
        this.#aggregate.checkpoints.onDeleted(outcome.key);
        break;
      case 'issue_opened':
        this.#aggregate.issueOpened(outcome.issue);
        break;
    }
  }

  /** In order, one at a time. A call during another makes that one look once more. */
  readonly #deliverReports = coalesced(async () => {
    const personId = this.#store.head()?.spec.personId;
    if (personId === undefined || Date.now() < this.#reportsDueAt) return;
    this.#reportsDueAt = 0;
    for (;;) {
      const report = this.#store.firstReport();
      if (report === null) return;
      try {
        const answer = await this.#ports().thread(personId).taskReport(report);
        // It says itself why it is closed.
        if (answer === 'closed') return this.#tellLater(report);
        this.#store.removeReport(report.number);
        this.#reportTries = 0;
      } catch (error) {
        log.error('task.report_failed', error, { tries: this.#reportTries });
        return this.#tellLater(report);
      }
    }
  });

  #tellLater(report: TaskReport): void {
    const { first, longest } = REPORT_PAUSE_MS;
    this.#reportsDueAt = Date.now() + Math.min(first * 2 ** this.#reportTries++, longest);
    this.#dropIfTooOld(report);
  }

  /** One that is never taken must not hold up those behind it, nor the main thread's own asking. */
  #dropIfTooOld({ number, task }: TaskReport): void {
    const isTooOld = Date.now() > task.updatedAt + REPORT_WITHIN_MS;
    if (!isTooOld || this.#reportTries < REPORT_TRIES_MIN) return;
    this.#store.transaction(() => {
      this.#store.removeReport(number);
      this.#aggregate.note(Date.now(), { type: 'step', text: REPORT_DROPPED });
    });
    this.#reportTries = 0;
    log.error('task.report_dropped', new Error(REPORT_DROPPED), { taskId: task.id, number });
  }
}

/** Waits for the task's issue, and is of no use without it. */
function needsIssue(effect: OutboxEffect): boolean {
  return effect.do === 'edit_issue' || effect.do === 'comment_issue';
}
