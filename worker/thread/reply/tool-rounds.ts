import { ulid } from 'ulid';
import type { TaskSummary } from '../../../protocol/task.ts';
import { log } from '../../platform/log.ts';
import type { ThreadAttachments } from '../attachments.ts';
import type { ChangeLog } from '../change-log.ts';
import type { ThreadPorts } from '../ports.ts';
import type { Scheduler } from '../scheduling/scheduler.ts';
import type { ThreadStore } from '../storage/thread-store.ts';
import type { ToolResult } from '../storage/rows.ts';
import type { ToolCalls } from '../storage/tool-calls.ts';
import { CarriedOut } from './carried-out.ts';
import { type Places, type Prepared, askedOnce, prepareTask } from './start-tasks.ts';
import { NOT_NOW, type ToolRunner, brief, done, failed } from './tool-runner.ts';
import { type BegunBy, type ParsedCall, needsPersonsWords, parseCall } from './tools.ts';

/** A call as the model made it. */
export type AskedCall = { id: string; name: string; input: unknown };
/** One that is written down and not carried out yet. */
type Intended = {
  asked: AskedCall;
  call: Exclude<ParsedCall, { is: 'wrong' }>;
  newId: string;
};

const STARTS = 'start_task';
const NEEDS_WORDS =
  'That needs the words of the person, who said nothing here: this turn only tells what a task did. Nothing was done.';

/** Calls of one group are carried out one after the other. */
function groupOf({ asked, call }: Intended): string {
  if (call.is === 'task') return call.taskId;
  const { name, input } = call.call;
  if (name === 'start_task') return STARTS;
  return 'task_id' in input ? input.task_id : asked.id;
}

/** Sees to it that the calls of an answer are carried out, each once, and as many as can be at the same time. */
export class ToolRounds {
  readonly #store: ThreadStore;
  readonly #calls: ToolCalls;
  readonly #changeLog: ChangeLog;
  readonly #scheduler: Scheduler;
  readonly #attachments: ThreadAttachments;
  readonly #runner: ToolRunner;
  readonly #ports: () => ThreadPorts;
  readonly #onTasksStarted: (replyId: string, tasks: readonly TaskSummary[]) => void;
  readonly #onCommitted: () => void;

  constructor(parts: {
    store: ThreadStore;
    calls: ToolCalls;
    changeLog: ChangeLog;
    scheduler: Scheduler;
    attachments: ThreadAttachments;
    runner: ToolRunner;
    ports: () => ThreadPorts;
    /** Called in the transaction in which they begin. */
    onTasksStarted: (replyId: string, tasks: readonly TaskSummary[]) => void;
    /** Called after it: they can be handed to their objects. */
    onCommitted: () => void;
  }) {
    this.#store = parts.store;
    this.#calls = parts.calls;
    this.#changeLog = parts.changeLog;
    this.#scheduler = parts.scheduler;
    this.#attachments = parts.attachments;
    this.#runner = parts.runner;
    this.#ports = parts.ports;
    this.#onTasksStarted = parts.onTasksStarted;
    this.#onCommitted = parts.onCommitted;
  }

  /**
   * The results of the calls of one answer, in their order; a call that was carried out before is not
   * carried out again. Calls to the same task go one after the other, all others at the same time,
   * and all tasks that they start begin in one transaction. Where no person began the turn, a call
   * that needs a person's words is refused here, whatever led the model to it.
   */
  async runAll(
    replyId: string,
    begunBy: BegunBy,
    asked: readonly AskedCall[],
    carriedOut: CarriedOut,
  ): Promise<ToolResult[]> {
    const results = new Map<AskedCall, ToolResult>();
    const left: Intended[] = [];
    const now = Date.now();
    this.#changeLog.change(() => {
      for (const [at, call] of asked.entries()) {
        if (begunBy !== 'person' && needsPersonsWords(call.name)) {
          log.warn('thread.tool_refused', { replyId, tool: call.name.slice(0, 100) });
          results.set(call, failed(NEEDS_WORDS));
          continue;
        }
        const parsed = parseCall(call.name, call.input);
        if (parsed.is === 'wrong') {
          results.set(call, failed(parsed.text));
          continue;
        }
        // The time in a new id orders what begins at the same moment.
        const before = carriedOut.claim(call.name, call.input);
        const kept = this.#calls.intend(replyId, { ...call, newId: ulid(now + at) });
        const result = kept.result ?? before;
        if (result === null) left.push({ asked: call, call: parsed, newId: kept.newId });
        else results.set(call, result);
        if (before !== null) this.#calls.keepResult(call.id, before);
      }
    });
    const keep = (intended: Intended, result: ToolResult, once: boolean) => {
      results.set(intended.asked, result);
      if (once) this.#calls.keepResult(intended.asked.id, result);
    };
    const byTask = Map.groupBy(left, groupOf);
    const starts = byTask.get(STARTS) ?? [];
    byTask.delete(STARTS);
    await Promise.all([
      this.#startAll(replyId, starts, keep),
      ...[...byTask.values()].map(async (calls) => {
        for (const one of calls) {
          const { result, once } = await this.#try(one);
          keep(one, result, once);
        }
      }),
    ]);
    return asked.map((call) => results.get(call) ?? failed(NOT_NOW));
  }

  /** Carries out what a reply that was cut off had asked for and not got. */
  async finish(replyId: string, begunBy: BegunBy): Promise<void> {
    const open = this.#calls.of(replyId).filter(({ result }) => result === null);
    await this.runAll(replyId, begunBy, open, new CarriedOut([]));
  }

  /** A failure that is not the call's own is not kept: the same call may be tried again. */
  async #try({ asked, call, newId }: Intended): Promise<{ result: ToolResult; once: boolean }> {
    try {
      return { result: await this.#runner.carryOut(asked.id, newId, call), once: true };
    } catch (error) {
      log.error('thread.tool_failed', error, { tool: asked.name, toolUseId: asked.id });
      return { result: failed(NOT_NOW), once: false };
    }
  }

  /** All that can be started is, in one transaction with the calls' results: what is said is what is. */
  async #startAll(
    replyId: string,
    starts: readonly Intended[],
    keep: (intended: Intended, result: ToolResult, once: boolean) => void,
  ): Promise<void> {
    if (starts.length === 0) return;
    const places = askedOnce(this.#ports().github);
    const prepared = await Promise.all(
      starts.map(async (intended) => ({ intended, ...(await this.#prepare(intended, places)) })),
    );
    const wanted = prepared.flatMap((one) => (one.is === 'task' ? [one] : []));
    this.#changeLog.change(() => {
      const tasks = this.#scheduler.start(
        wanted.map(({ task }) => task),
        Date.now(),
      );
      const queue = new Map(this.#store.queue.map(({ taskId }, at) => [taskId, at + 1]));
      for (const one of prepared) {
        if (one.is === 'refused') keep(one.intended, failed(one.text), one.once);
      }
      for (const [at, { intended, task }] of wanted.entries()) {
        const summary = tasks[at];
        if (summary === undefined) continue;
        const position = queue.get(summary.id);
        const waits =
          position === undefined ? {} : { waits_in_queue: { position, after: task.after } };
        keep(intended, done({ ...brief(summary), ...waits }), true);
      }
      this.#onTasksStarted(replyId, tasks);
    });
    this.#onCommitted();
  }

  async #prepare(
    { asked, call, newId }: Intended,
    places: Places,
  ): Promise<Prepared & { once: boolean }> {
    if (call.is !== 'own' || call.call.name !== 'start_task') {
      return { is: 'refused', text: NOT_NOW, once: false };
    }
    try {
      const { input } = call.call;
      return {
        ...(await prepareTask(
          { store: this.#store, attachments: this.#attachments },
          places,
          newId,
          input,
        )),
        once: true,
      };
    } catch (error) {
      log.error('thread.tool_failed', error, { tool: asked.name, toolUseId: asked.id });
      return { is: 'refused', text: NOT_NOW, once: false };
    }
  }
}
