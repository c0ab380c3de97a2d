import { retryLaterMs, sentenceOf } from '../github/retry.ts';
import { log } from '../log.ts';
import type { TaskProgress } from './contract.ts';
import type { TaskOutside } from './outside.ts';
import { hasSandbox } from './record.ts';
import type { Intent, TaskStore } from './store.ts';

const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;

function pauseAfter(tries: number): number {
  return Math.min(FIRST_PAUSE_MS * 2 ** tries, LONGEST_PAUSE_MS);
}

/** Carries out what the Task has written down: intents, reports to the main thread, the Workflow's wake-up. */
export class Sweeper {
  readonly #store: TaskStore;
  readonly #outside: () => TaskOutside;
  readonly #onStopped: () => void;
  #running: Promise<void> | null = null;
  #again = false;
  #reportsDueAt = 0;
  #reportTries = 0;
  #progress: { personId: string; progress: TaskProgress } | null = null;
  #telling = false;

  /** @param onStopped called once a sandbox is known to have ended. */
  constructor(store: TaskStore, outside: () => TaskOutside, onStopped: () => void) {
    this.#store = store;
    this.#outside = outside;
    this.#onStopped = onStopped;
  }

  /** Does all that is due; never throws. A call during a run makes that one look once more. */
  async run(): Promise<void> {
    if (this.#running !== null) {
      this.#again = true;
      return this.#running;
    }
    this.#running = (async () => {
      do {
        this.#again = false;
        await Promise.all([this.#carryOutIntents(), this.#deliverReports(), this.#wakeWorkflow()]);
        // A sandbox that ended meanwhile has freed its place.
        if (this.#reportsDueAt === 0 && this.#store.firstReport() !== null) this.#again = true;
      } while (this.#again);
    })().finally(() => {
      this.#running = null;
    });
    return this.#running;
  }

  /** When `run` has something to do again, or null. */
  wakeAt(): number | null {
    const times = this.#store.intents().map((intent) => intent.dueAt);
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
        await this.#outside().thread(next.personId).taskProgress(next.progress);
      }
    } catch (error) {
      // The next one, or the next report, says the same.
      log.warn('task.progress_not_told', { taskId: progress.taskId, error: String(error) });
    } finally {
      this.#telling = false;
    }
  }

  async #carryOutIntents(): Promise<void> {
    const now = Date.now();
    const due = this.#store.intents().filter((intent) => intent.dueAt <= now);
    await Promise.all(due.map((intent) => this.#carryOut(intent)));
  }

  async #carryOut(intent: Intent): Promise<void> {
    const spec = this.#store.head()?.spec;
    if (spec === undefined) return;
    const { personId, taskId } = spec;
    try {
      switch (intent.body.do) {
        case 'dispatch':
          await this.#outside().dispatch({ personId, taskId, attempt: intent.body.attempt });
          break;
        case 'stop_sandbox':
          await this.#outside().sandbox.stop({ taskId, generation: intent.body.generation });
          break;
        case 'reply': {
          const { number, to, text } = intent.body;
          const answer = await this.#outside().github.reply(spec.repository, number, to, text);
          if (answer.is === 'failed' && retryLaterMs(answer.failure) !== null) {
            throw new Error(sentenceOf(answer.failure, spec.repository));
          }
          break;
        }
      }
      this.#store.removeIntent(intent);
      if (intent.body.do === 'stop_sandbox') this.#onStopped();
    } catch (error) {
      log.error('task.intent_failed', error, { taskId, intent: intent.key });
      this.#store.postponeIntent(intent.key, Date.now() + pauseAfter(intent.tries));
    }
  }

  async #deliverReports(): Promise<void> {
    const personId = this.#store.head()?.spec.personId;
    if (personId === undefined || Date.now() < this.#reportsDueAt) return;
    try {
      for (;;) {
        const report = this.#store.firstReport();
        if (report === null) break;
        await this.#outside().thread(personId).taskReport(report);
        this.#store.removeReport(report.number);
      }
      this.#reportTries = 0;
      this.#reportsDueAt = 0;
    } catch (error) {
      log.error('task.report_failed', error, { tries: this.#reportTries });
      this.#reportsDueAt = Date.now() + pauseAfter(this.#reportTries++);
    }
  }

  /** Best effort: the wait has a timeout of its own. */
  async #wakeWorkflow(): Promise<void> {
    const { wait } = this.#store;
    const spec = this.#store.head()?.spec;
    const { state, attempt } = this.#store.record;
    const stillWaits =
      state.is === 'working' ||
      (state.is === 'starting' && state.ensured) ||
      (state.is === 'waiting' && hasSandbox(state));
    if (wait === null || spec === undefined || stillWaits) return;
    this.#store.wait = null;
    try {
      const { personId, taskId } = spec;
      await this.#outside().wake({ personId, taskId, attempt }, `wake-${wait}`);
    } catch (error) {
      log.warn('task.wake_failed', { taskId: spec.taskId, error: String(error) });
    }
  }
}
