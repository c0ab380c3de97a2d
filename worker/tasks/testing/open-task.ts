import { runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { ulid } from 'ulid';
import type { DecidedBy } from '../../../protocol/decision.ts';
import { vi } from 'vitest';
import type { RunnerEvent } from '../../../protocol/runner.ts';
import type { TaskCommand } from '../../../protocol/task-command.ts';
import type { Pass } from '../../gateway/pass.ts';
import { parseToken } from '../../gateway/token.ts';
import { type TaskCommandResult, type TaskSpec, taskObjectName } from '../api.ts';
import type { CheckpointNews } from '../runner/checkpoints.ts';
import type { Task } from '../task.ts';
import { type FakePorts, fakePorts } from './fake-ports.ts';
import { DELIVERED, taskSpec } from './records.ts';

export type OpenTask = {
  stub: DurableObjectStub<Task>;
  spec: TaskSpec;
  fakes: FakePorts;
  /** Puts the fakes in place; needed once more after an eviction. */
  surround(): Promise<void>;
  /** The token of the newest sandbox that was started. */
  pass(): Pass;
  /** Sends a runner's events with the newest token. */
  send(...events: RunnerEvent[]): ReturnType<Task['receive']>;
  /** Keeps a part of the checkpoint as the runner and the gateway do. @returns its key. */
  keep(news: CheckpointNews): Promise<string>;
  /** Runs what is due; there must be an alarm for it. */
  runWorkflow(): Promise<void>;
  /**
   * Lets simulated time go by, with each alarm at its time and nobody else to drive the task: no
   * Workflow, no webhook. Needs fake `Date`s.
   */
  elapse(ms: number): Promise<void>;
};

/**
 * Lets what `waitUntil` holds come to its end; the history's outbox, which has no Postgres here, would
 * knock for ever. @returns when the task's alarm goes off.
 */
function idle(stub: DurableObjectStub<Task>): Promise<number | null> {
  // One call for all of it: a day has hundreds of alarms.
  return runInDurableObject(stub, async (instance, { storage }) => {
    await new Promise((resolve) => setTimeout(resolve, 5));
    storage.sql.exec('DELETE FROM history_outbox');
    // Set for the history before: what else is due sets it again.
    if (((await storage.getAlarm()) ?? 0) > Date.now()) await storage.deleteAlarm();
    await instance.grantSlot(0);
    return storage.getAlarm();
  });
}

const OPEN: DurableObjectStub<Task>[] = [];

/** Nothing of a test's tasks happens after it: an object that goes off later has no fakes around it any more. */
export async function silenceTasks(): Promise<void> {
  await Promise.all(
    OPEN.splice(0).map((stub) =>
      runInDurableObject(stub, (_, { storage }) => storage.deleteAlarm()),
    ),
  );
}

/**
 * An object for a task that has not been created yet, with fakes around it. `before` finds the object
 * as nobody has used it.
 */
export async function emptyTask(
  changed: Partial<TaskSpec> = {},
  before: (stub: DurableObjectStub<Task>) => Promise<void> = async () => {},
): Promise<OpenTask> {
  const spec = taskSpec({ taskId: ulid(), personId: ulid(), ...changed });
  const name = taskObjectName(spec.personId, spec.taskId);
  const stub = env.TASK.get(env.TASK.idFromName(name));
  OPEN.push(stub);
  const fakes = fakePorts();
  const surround = () =>
    runInDurableObject(stub, (instance) => {
      instance.ports = () => fakes.ports;
    });
  const pass = () => {
    const token = fakes.ensured.at(-1)?.environment.MAINLOOP_TASK_TOKEN ?? null;
    const parsed = parseToken(token);
    if (parsed === null) throw new Error('No sandbox was started yet.');
    return parsed;
  };
  await before(stub);
  await surround();
  return {
    stub,
    spec,
    fakes,
    surround,
    pass,
    send: (...events) => stub.receive(pass(), { events, acknowledged: [] }),
    keep: async (news) => {
      const opened = await stub.openCheckpoint(pass(), news.part);
      if (opened.is === 'refused') throw new Error(opened.text);
      await env.CHECKPOINTS.put(opened.value, news.part);
      const kept = await stub.checkpointed(pass(), opened.value, news);
      if (kept.is === 'refused') throw new Error(kept.text);
      return opened.value;
    },
    runWorkflow: async () => {
      if (!(await runDurableObjectAlarm(stub))) throw new Error('No alarm is set.');
    },
    elapse: async (ms) => {
      const end = Date.now() + ms;
      for (;;) {
        const at = await idle(stub);
        if (at === null || at > end) break;
        vi.setSystemTime(Math.max(at, Date.now()));
        await runDurableObjectAlarm(stub);
      }
      vi.setSystemTime(end);
    },
  };
}

/** A created task with a slot. */
export async function queuedTask(changed: Partial<TaskSpec> = {}): Promise<OpenTask> {
  const task = await emptyTask(changed);
  await task.stub.create(task.spec);
  await task.stub.grantSlot(1);
  return task;
}

/** A task whose first sandbox was started. */
export async function startedTask(changed: Partial<TaskSpec> = {}): Promise<OpenTask> {
  const task = await queuedTask(changed);
  await task.stub.advance(1, 1);
  return task;
}

/** A task whose runner has delivered: evidence and pull request come next. */
export async function deliveredTask(changed: Partial<TaskSpec> = {}): Promise<OpenTask> {
  const task = await startedTask(changed);
  await task.send(step(1), { number: 2, at: 2, body: { type: 'result', result: DELIVERED } });
  return task;
}

export const APP = { is: 'app' } as const;
export const CANCEL = { do: 'cancel', close: false } as const;
export const RETRY = { do: 'retry', from: 'checkpoint' } as const;
export const say = (text: string, when: 'now' | 'later' = 'now') =>
  ({ do: 'message', text, when }) as const;

/** Asks something of a task, as the person's page does unless another place is named. */
export function ask(
  stub: Pick<Task, 'command'>,
  command: TaskCommand,
  { id = ulid(), by = APP }: { id?: string; by?: DecidedBy } = {},
): Promise<TaskCommandResult> {
  return stub.command(id, command, by);
}

export function step(number: number, text = `Step ${number}`): RunnerEvent {
  return { number, at: number, body: { type: 'step', text } };
}

/** What waits for the runner. */
export async function mailOf(task: OpenTask) {
  const mail = await task.stub.mailbox(task.pass(), 1);
  return mail.is === 'ok' ? mail.value.items : [];
}
