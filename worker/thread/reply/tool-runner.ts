import { SettingsChange } from '../../../protocol/settings.ts';
import type { TaskSummary } from '../../../protocol/task.ts';
import { sentenceOf } from '../../github/failures.ts';
import type { SearchHit } from '../../../protocol/search.ts';
import { askTask } from '../ask-task.ts';
import type { ThreadAttachments } from '../attachments.ts';
import type { ChangeLog } from '../change-log.ts';
import type { ThreadPorts } from '../ports.ts';
import type { Scheduler } from '../scheduling/scheduler.ts';
import { searchHistory } from '../search.ts';
import { changed } from '../settings.ts';
import type { ToolResult } from '../storage/rows.ts';
import type { ThreadStore } from '../storage/thread-store.ts';
import { quotedJson } from './quote.ts';
import type { ReadCall } from './task-tools.ts';
import type { OwnCall, ParsedCall } from './tools.ts';

export const NOT_NOW = 'That could not be done just now. Try again in a moment.';

const LISTED_TASKS = 20;
/** Matches of one search: more of them say little more, and each is read by the model. */
const FOUND_MAX = 8;
/** Most of one text in a result, a message that was found included. */
const RESULT_TEXT_MAX_TOKENS = 250;

/** A task as the model is told of it. */
export function brief(task: TaskSummary) {
  return {
    task_id: task.id,
    title: task.title,
    status: task.status,
    repository: task.repository,
    model: task.model,
    ...(task.note !== null && { last_step: task.note }),
    ...(task.pullRequest !== null && { pull_request: task.pullRequest }),
  };
}

/** A hit as the model is told of it: whatever its text says, it is a quotation. */
function match(hit: SearchHit) {
  const quoted = { at: new Date(hit.at).toISOString(), text: hit.text };
  switch (hit.kind) {
    case 'message':
      return { from: hit.from, ...quoted };
    case 'task':
      return { from: 'instructions of a task', task_id: hit.taskId, ...quoted };
    case 'event':
      return { from: 'activity of a task', task_id: hit.taskId, ...quoted };
  }
}

/** Results hold workers' and repositories' words: they are quoted as all data is. */
export const done = (value: unknown): ToolResult => ({
  text: quotedJson(value, RESULT_TEXT_MAX_TOKENS),
  isError: false,
});
export const failed = (error: string): ToolResult => ({
  text: quotedJson({ error }, RESULT_TEXT_MAX_TOKENS),
  isError: true,
});

/** Carries out the main thread's tool calls, one by one. */
export class ToolRunner {
  readonly #store: ThreadStore;
  readonly #changeLog: ChangeLog;
  readonly #scheduler: Scheduler;
  readonly #attachments: ThreadAttachments;
  readonly #ports: () => ThreadPorts;

  constructor(parts: {
    store: ThreadStore;
    changeLog: ChangeLog;
    scheduler: Scheduler;
    attachments: ThreadAttachments;
    ports: () => ThreadPorts;
  }) {
    this.#store = parts.store;
    this.#changeLog = parts.changeLog;
    this.#scheduler = parts.scheduler;
    this.#attachments = parts.attachments;
    this.#ports = parts.ports;
  }

  /** Carries out one call; `newId` is what it calls something new. Whoever calls sees to it that this is done once. */
  async carryOut(toolUseId: string, newId: string, parsed: ParsedCall): Promise<ToolResult> {
    switch (parsed.is) {
      case 'wrong':
        return failed(parsed.text);
      case 'task':
        return this.#ask(toolUseId, parsed);
      case 'own':
        return this.#carryOutOwn(newId, parsed.call);
    }
  }

  async #carryOutOwn(newId: string, call: OwnCall): Promise<ToolResult> {
    switch (call.name) {
      // All of an answer's tasks begin together.
      case 'start_task':
        return failed(NOT_NOW);
      case 'list_tasks': {
        const tasks = [
          ...this.#store.tasks(true, LISTED_TASKS),
          ...this.#store.tasks(false, LISTED_TASKS / 2),
        ];
        return done({ tasks: tasks.map(brief) });
      }
      case 'get_task': {
        const task = this.#store.task(call.input.task_id);
        if (task === null) return failed('There is no such task.');
        const { branch, attempt, usage, startedAt, endedAt } = task;
        return done({ ...brief(task), branch, attempt, cost: usage.cost, startedAt, endedAt });
      }
      case 'move_task':
        return this.#changeLog.change(() =>
          this.#scheduler.move(call.input.task_id, call.input.position)
            ? done({ queue: this.#store.queue })
            : failed('This task does not wait in the queue.'),
        );
      case 'set_limits': {
        const { parallel, task_budget, day_budget, wait_for_plan } = call.input;
        const { limits } = this.#store.settings;
        return this.#change({
          is: 'limits',
          limits: {
            parallel: parallel ?? limits.parallel,
            taskBudget: task_budget === undefined ? limits.taskBudget : task_budget,
            dayBudget: day_budget === undefined ? limits.dayBudget : day_budget,
            waitsForPlan: wait_for_plan ?? limits.waitsForPlan,
          },
        });
      }
      case 'remember': {
        const { text, repository = null } = call.input;
        return this.#change({ is: 'remember', note: { id: newId, text, repository } });
      }
      case 'forget':
        return this.#change({ is: 'forget', noteId: call.input.note_id });
      case 'list_repositories': {
        const known = await this.#ports().github.repositories();
        if (known.is === 'failed') return failed(sentenceOf(known.failure, null));
        return done({
          repositories: known.value.map(({ name, defaultBranch, description }) => ({
            repository: name,
            default_branch: defaultBranch,
            description,
          })),
        });
      }
      case 'search_conversation': {
        const parts = { store: this.#store, open: this.#ports().history };
        const { hits } = await searchHistory(parts, call.input.query, FOUND_MAX);
        return done({ matches: hits.map(match) });
      }
    }
  }

  #change(change: SettingsChange): ToolResult {
    const parsed = SettingsChange.safeParse(change);
    if (!parsed.success) return failed('That is not a possible setting.');
    const now = Date.now();
    const settings = changed(this.#store.settings, parsed.data, now);
    if (typeof settings === 'string') return failed(settings);
    this.#changeLog.change(() => this.#changeLog.putSettings(settings, now));
    return done({ done: true });
  }

  /** A call that asks something of a task goes through the same door as the pages' commands. */
  async #ask(toolUseId: string, call: Extract<ReadCall, { is: 'task' }>): Promise<ToolResult> {
    const { taskId } = call;
    const read = call.toCommand(this.#store.openItemsOf(taskId), (ids) =>
      this.#attachments.named(ids),
    );
    if (read.is === 'wrong') return failed(read.text);
    const parts = { store: this.#store, scheduler: this.#scheduler, ports: this.#ports };
    const answer = await askTask(parts, taskId, {
      id: toolUseId,
      command: read.command,
      by: { is: 'conversation' },
    });
    switch (answer.is) {
      case 'done':
        return done({ done: true });
      case 'refused':
        return failed(answer.text);
      case 'not_found':
        return failed('There is no such task.');
    }
  }
}
