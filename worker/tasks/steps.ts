import { log } from '../platform/log.ts';
import type { TaskAggregate } from './aggregate.ts';
import type { IssueThread } from './decisions/issue-thread.ts';
import type { PullRequests } from './delivery/pull-request.ts';
import {
  type NextStep,
  type WorkflowNext,
  forWorkflow,
  isWork,
  nextStep,
  wakesWorkflow,
} from './lifecycle/next-step.ts';
import type { TaskPorts } from './ports.ts';
import type { SandboxSupervisor } from './runner/supervisor.ts';
import type { TaskStore } from './storage/task-store.ts';

/** Most that is done one after another before whoever asked looks again. */
const STEPS_MAX = 8;
/** Longest that a step is waited for; one that takes longer goes on by itself. The alarm has more to see to. */
const PATIENCE_MS = { workflow: 100_000, alarm: 15_000 };

/** Does what `nextStep` decides, for the task's Workflow and for its alarm. */
export class TaskSteps {
  readonly #store: TaskStore;
  readonly #aggregate: TaskAggregate;
  readonly #supervisor: SandboxSupervisor;
  readonly #pullRequests: PullRequests;
  readonly #issueThread: IssueThread;
  readonly #ports: () => TaskPorts;
  readonly #later: (work: Promise<void>) => void;

  constructor(parts: {
    store: TaskStore;
    aggregate: TaskAggregate;
    supervisor: SandboxSupervisor;
    pullRequests: PullRequests;
    issueThread: IssueThread;
    ports: () => TaskPorts;
    /** Keeps the object there for a step that nobody waits for any longer, and sees to what follows it. */
    later: (work: Promise<void>) => void;
  }) {
    this.#store = parts.store;
    this.#aggregate = parts.aggregate;
    this.#supervisor = parts.supervisor;
    this.#pullRequests = parts.pullRequests;
    this.#issueThread = parts.issueThread;
    this.#ports = parts.ports;
    this.#later = parts.later;
  }

  /** What is next, without doing it. */
  next(): NextStep {
    const { record } = this.#store;
    const sandbox = this.#supervisor.situation();
    return nextStep({ record, sandbox, issuePollAt: this.#issueThread.wakeAt() }, Date.now());
  }

  /** When there is something to do, or null when nothing happens by itself. */
  wakeAt(): number | null {
    const step = this.next();
    if (step.do === 'end') return null;
    return step.do === 'wait' ? step.until : Date.now();
  }

  /** As `Task.advance`, without what follows a commit. */
  async advance(attempt: number, look: number | null): Promise<WorkflowNext> {
    const patienceMs = look === null ? PATIENCE_MS.alarm : PATIENCE_MS.workflow;
    const isMine = () => this.#store.record.attempt === attempt;
    // The next stretch of work is another's: its own Workflow's, or the next alarm's.
    for (let done = 0; done < STEPS_MAX && isMine(); done++) {
      const step = this.next();
      if (!isWork(step) || !(await this.#within(patienceMs, this.#take(step)))) break;
    }
    const { record } = this.#store;
    const told: WorkflowNext = isMine()
      ? forWorkflow(this.next(), record, look ?? 0, Date.now())
      : { do: 'end' };
    if (look !== null) this.#store.wait = told.do === 'wait' ? look : null;
    return told;
  }

  /** Sees what happened at the git host, whatever the time. */
  async pollHost(): Promise<void> {
    await Promise.all([this.#pullRequests.poll(), this.#issueThread.poll()]);
  }

  /** Ends the Workflow's wait when there is something to do before its time. Best effort: it has a timeout. */
  async wakeWorkflow(): Promise<void> {
    const { wait, record } = this.#store;
    if (wait === null || !wakesWorkflow(this.next(), record.state)) return;
    this.#store.wait = null;
    const { personId, taskId } = this.#aggregate.spec();
    try {
      await this.#ports().wake({ personId, taskId, attempt: record.attempt }, `wake-${wait}`);
    } catch (error) {
      log.warn('task.wake_failed', { taskId, error: String(error) });
    }
  }

  async #take(step: NextStep): Promise<void> {
    switch (step.do) {
      case 'time':
        return this.#time();
      case 'ensure':
        return this.#supervisor.ensure();
      case 'look_after':
        return this.#supervisor.lookAfter();
      case 'deliver':
        return this.#pullRequests.deliver();
      case 'poll_host':
        await this.pollHost();
        return this.#time();
      case 'wait':
      case 'end':
        return;
    }
  }

  #time(): void {
    this.#store.transaction(() => this.#aggregate.apply({ on: 'time' }));
  }

  /** False when the step takes longer: a sandbox may need minutes to start. */
  async #within(ms: number, work: Promise<void>): Promise<boolean> {
    const { promise: late, resolve } = Promise.withResolvers<false>();
    const timer = setTimeout(() => resolve(false), ms);
    try {
      const finished = await Promise.race([work.then(() => true), late]);
      if (!finished) this.#later(work);
      return finished;
    } finally {
      clearTimeout(timer);
    }
  }
}
