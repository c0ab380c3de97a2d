import { coalesced } from '../platform/coalesce.ts';
import type { GitHubResult } from '../github/port.ts';
import { retryLaterMs, sentenceOf } from '../github/failures.ts';
import { log } from '../platform/log.ts';
import type { PullRequest } from '../../protocol/task.ts';
import type { TaskProgress, TaskSpec } from './api.ts';
import type { TaskPorts } from './ports.ts';
import { hasSandbox } from './lifecycle/state.ts';
import type { Intent, IntentBody, TaskStore } from './storage/task-store.ts';

type HostIntent = Extract<
  IntentBody,
  { do: 'acknowledge' | 'reply' | 'close' | 'open_issue' | 'edit_issue' | 'comment_issue' }
>;

const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;

function pauseAfter(tries: number): number {
  return Math.min(FIRST_PAUSE_MS * 2 ** tries, LONGEST_PAUSE_MS);
}

/** Carries out what the Task has written down: intents, reports to the main thread, the Workflow's wake-up. */
export class TaskOutbox {
  readonly #store: TaskStore;
  readonly #ports: () => TaskPorts;
  readonly #onStopped: () => void;
  readonly #onIssue: (issue: PullRequest) => void;
  readonly #onDeleted: (key: string) => void;
  #reportsDueAt = 0;
  #reportTries = 0;
  #progress: { personId: string; progress: TaskProgress } | null = null;
  #telling = false;

  constructor(
    store: TaskStore,
    ports: () => TaskPorts,
    on: {
      /** A sandbox is known to have ended. */
      stopped(): void;
      /** The task's issue is there. */
      issue(issue: PullRequest): void;
      /** An upload is gone from R2. */
      deleted(key: string): void;
    },
  ) {
    this.#store = store;
    this.#ports = ports;
    this.#onStopped = () => on.stopped();
    this.#onIssue = (issue) => on.issue(issue);
    this.#onDeleted = (key) => on.deleted(key);
  }

  /** Does all that is due; never throws. A call during a run makes that one look once more. */
  readonly run = coalesced(async () => {
    await Promise.all([this.#carryOutIntents(), this.#deliverReports(), this.#wakeWorkflow()]);
    // What was carried out may be worth a report: a sandbox that ended has freed its slot.
    await this.#deliverReports();
  });

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
        await this.#ports().thread(next.personId).taskProgress(next.progress);
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
          await this.#ports().dispatch({ personId, taskId, attempt: intent.body.attempt });
          break;
        case 'stop_sandbox':
          await this.#ports().sandbox.stop({ taskId, generation: intent.body.generation });
          break;
        case 'watch':
          await this.#ports().watch(spec);
          break;
        case 'delete_checkpoint':
          await this.#ports().checkpoints.delete(intent.body.key);
          this.#onDeleted(intent.body.key);
          break;
        default:
          await this.#atHost(spec, intent.body);
      }
      this.#store.removeIntent(intent);
      if (intent.body.do === 'stop_sandbox') this.#onStopped();
    } catch (error) {
      log.error('task.intent_failed', error, { taskId, intent: intent.key });
      this.#store.postponeIntent(intent.key, Date.now() + pauseAfter(intent.tries));
    }
  }

  /** Says or closes something at the git host; thrown when it is worth another try. */
  async #atHost(spec: TaskSpec, body: HostIntent): Promise<void> {
    const { github } = this.#ports();
    const { repository, taskId, title } = spec;
    const mustBe = <T>(answer: GitHubResult<T>): T | null => {
      if (answer.is === 'ok') return answer.value;
      const why = sentenceOf(answer.failure, repository);
      if (retryLaterMs(answer.failure) !== null) throw new Error(why);
      log.warn('task.host_refused', { taskId, what: body.do, why });
      return null;
    };
    const issue = () => {
      const known = this.#store.issue;
      if (known === null) throw new Error('The issue is not there yet.');
      return known.number;
    };
    const key = `task:${taskId}`;
    switch (body.do) {
      case 'acknowledge':
        mustBe(await github.acknowledge(repository, body.to));
        break;
      case 'reply':
        mustBe(await github.reply(repository, body.number, body.to, body.text));
        break;
      case 'open_issue': {
        const opened = mustBe(await github.openIssue(repository, { title, body: body.body, key }));
        if (opened !== null) this.#onIssue(opened);
        break;
      }
      case 'edit_issue':
        mustBe(await github.editIssue(repository, issue(), { body: body.body, key }));
        break;
      case 'comment_issue':
        mustBe(await github.comment(repository, issue(), body.key, body.text));
        break;
      case 'close':
        if (body.text !== null) {
          mustBe(await github.comment(repository, body.number, 'closed', body.text));
        }
        mustBe(
          body.what === 'pull'
            ? await github.closePullRequest(repository, body.number)
            : await github.closeIssue(repository, body.number),
        );
        break;
    }
  }

  async #deliverReports(): Promise<void> {
    const personId = this.#store.head()?.spec.personId;
    if (personId === undefined || Date.now() < this.#reportsDueAt) return;
    try {
      for (;;) {
        const report = this.#store.firstReport();
        if (report === null) break;
        await this.#ports().thread(personId).taskReport(report);
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
      await this.#ports().wake({ personId, taskId, attempt }, `wake-${wait}`);
    } catch (error) {
      log.warn('task.wake_failed', { taskId: spec.taskId, error: String(error) });
    }
  }
}
