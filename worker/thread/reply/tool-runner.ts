import { ulid } from 'ulid';
import { SettingsChange } from '../../../protocol/settings.ts';
import type { TaskSummary } from '../../../protocol/task.ts';
import { sentenceOf } from '../../github/failures.ts';
import { log } from '../../platform/log.ts';
import { askTask } from '../ask-task.ts';
import { branchName } from './branch-name.ts';
import type { ChangeLog } from '../change-log.ts';
import type { ThreadPorts } from '../ports.ts';
import type { Scheduler } from '../scheduling/scheduler.ts';
import { changed, contextFor, repositorySettings } from '../settings.ts';
import type { ToolResult } from '../storage/rows.ts';
import type { ThreadStore } from '../storage/thread-store.ts';
import type { ReadCall } from './task-tools.ts';
import { type OwnCall, parseCall } from './tools.ts';
import type { Turns } from '../storage/turns.ts';

const LISTED_TASKS = 20;
const FOUND_MESSAGES = 8;
const FOUND_CHARS = 600;
const SHORTEST_WORD_CHARS = 3;

function brief(task: TaskSummary) {
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

const done = (value: unknown): ToolResult => ({ text: JSON.stringify(value), isError: false });
const failed = (error: string): ToolResult => ({ text: JSON.stringify({ error }), isError: true });

/** Carries out the main thread's tool calls, each once. */
export class ToolRunner {
  readonly #store: ThreadStore;
  readonly #turns: Turns;
  readonly #changeLog: ChangeLog;
  readonly #scheduler: Scheduler;
  readonly #ports: () => ThreadPorts;
  readonly #onTaskStarted: (replyId: string, task: TaskSummary) => void;

  constructor(parts: {
    store: ThreadStore;
    turns: Turns;
    changeLog: ChangeLog;
    scheduler: Scheduler;
    ports: () => ThreadPorts;
    onTaskStarted: (replyId: string, task: TaskSummary) => void;
  }) {
    this.#store = parts.store;
    this.#turns = parts.turns;
    this.#changeLog = parts.changeLog;
    this.#scheduler = parts.scheduler;
    this.#ports = parts.ports;
    this.#onTaskStarted = parts.onTaskStarted;
  }

  /** The result of this very call; one that was carried out before is not carried out again. */
  async run(replyId: string, toolUseId: string, name: string, input: unknown): Promise<ToolResult> {
    const parsed = parseCall(name, input);
    if (parsed.is === 'wrong') return failed(parsed.text);
    const intent = this.#turns.intent(toolUseId, ulid());
    if (intent.result !== null) return intent.result;
    try {
      const result =
        parsed.is === 'task'
          ? await this.#ask(toolUseId, parsed)
          : await this.#carryOut(replyId, intent.taskId, parsed.call);
      this.#turns.keepResult(toolUseId, result);
      return result;
    } catch (error) {
      log.error('thread.tool_failed', error, { tool: name, toolUseId });
      return failed('That could not be done just now. Try again in a moment.');
    }
  }

  async #carryOut(replyId: string, newTaskId: string, call: OwnCall): Promise<ToolResult> {
    switch (call.name) {
      case 'start_task':
        return this.#startTask(replyId, newTaskId, call.input);
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
            : failed('This task waits for no turn.'),
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
        return this.#change({ is: 'remember', note: { id: newTaskId, text, repository } });
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
        const words = call.input.query
          .split(/[^\p{L}\p{N}_-]+/u)
          .filter((word) => word.length >= SHORTEST_WORD_CHARS);
        const found = this.#store.search(words, FOUND_MESSAGES);
        return done({
          matches: found.map(({ at, from, text }) => ({
            at: new Date(at).toISOString(),
            from,
            text: text.slice(0, FOUND_CHARS),
          })),
        });
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

  async #startTask(
    replyId: string,
    taskId: string,
    input: Extract<OwnCall, { name: 'start_task' }>['input'],
  ): Promise<ToolResult> {
    const { personId } = this.#store;
    if (personId === null) return failed('Nobody is signed in.');
    const { github } = this.#ports();
    const repository = await github.repository(input.repository);
    if (repository.is === 'failed') return failed(sentenceOf(repository.failure, input.repository));
    const baseBranch = input.base_branch ?? repository.value.defaultBranch;
    if (input.base_branch !== undefined) {
      const head = await github.branchHead(repository.value.name, input.base_branch);
      if (head.is === 'failed') return failed(sentenceOf(head.failure, input.repository));
      if (head.value === null) {
        return failed(`${input.repository} has no branch ${input.base_branch}.`);
      }
    }
    const after = input.after ?? null;
    if (after !== null && this.#store.task(after) === null) {
      return failed('There is no such task to wait for.');
    }
    const { settings } = this.#store;
    const known = repositorySettings(settings, repository.value.name);
    this.#changeLog.change(() =>
      this.#scheduler.expect(taskId, { ahead: input.priority === 'high', after }),
    );
    const task = await this.#ports()
      .task(personId, taskId)
      .create({
        personId,
        taskId,
        title: input.title,
        prompt: input.prompt,
        repository: repository.value.name,
        baseBranch,
        branch: branchName(input.title, taskId),
        model: input.model ?? 'opus',
        mode: input.mode ?? (known.mode === 'plan' ? 'plan' : 'direct'),
        budget: settings.limits.taskBudget,
        waitsForPlan: settings.limits.waitsForPlan,
        context: contextFor(settings, repository.value.name),
        withIssue: known.withIssue,
      });
    this.#onTaskStarted(replyId, task);
    const place = this.#store.queue.findIndex((one) => one.taskId === taskId);
    const waits = place === -1 ? {} : { waits_in_queue: { position: place + 1, after } };
    return done({ ...brief(task), ...waits });
  }

  /** A call that asks something of a task goes through the same door as the pages' commands. */
  async #ask(toolUseId: string, call: Extract<ReadCall, { is: 'task' }>): Promise<ToolResult> {
    const { taskId } = call;
    const read = call.toCommand(this.#store.openItemsOf(taskId));
    if (read.is === 'wrong') return failed(read.text);
    const answer = await askTask({ store: this.#store, ports: this.#ports }, taskId, {
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
