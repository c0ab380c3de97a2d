import type { Answer, Question } from '../../../protocol/decision.ts';
import { SettingsChange } from '../../../protocol/settings.ts';
import type { TaskSummary } from '../../../protocol/task.ts';
import { sentenceOf } from '../../github/failures.ts';
import type { ChangeLog } from '../change-log.ts';
import type { ThreadPorts } from '../ports.ts';
import type { Scheduler } from '../scheduling/scheduler.ts';
import { changed } from '../settings.ts';
import type { ThreadStore } from '../storage/thread-store.ts';
import type { ToolCall } from './tools.ts';

/** What goes back to the model: JSON text. */
export type ToolResult = { text: string; isError: boolean };
export const NOT_NOW = 'That could not be done just now. Try again in a moment.';

const LISTED_TASKS = 20;
const FOUND_MESSAGES = 8;
const FOUND_CHARS = 600;
const SHORTEST_WORD_CHARS = 3;

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

const CONVERSATION = { is: 'conversation' } as const;

export const done = (value: unknown): ToolResult => ({
  text: JSON.stringify(value),
  isError: false,
});
export const failed = (error: string): ToolResult => ({
  text: JSON.stringify({ error }),
  isError: true,
});

/** The model's answer in the question's own terms: labels whatever their case, the rest as own words. */
function answerFrom(question: Question, chosen: readonly string[], other: string): Answer {
  const labels: string[] = [];
  const words: string[] = other.trim() === '' ? [] : [other.trim()];
  for (const text of chosen) {
    const option = question.options.find(
      ({ label }) => label.toLowerCase() === text.trim().toLowerCase(),
    );
    if (option === undefined) words.push(text.trim());
    else labels.push(option.label);
  }
  return { chosen: labels, other: words.join(', ') };
}

/** Carries out the main thread's tool calls, one by one. */
export class ToolRunner {
  readonly #store: ThreadStore;
  readonly #changeLog: ChangeLog;
  readonly #scheduler: Scheduler;
  readonly #ports: () => ThreadPorts;

  constructor(parts: {
    store: ThreadStore;
    changeLog: ChangeLog;
    scheduler: Scheduler;
    ports: () => ThreadPorts;
  }) {
    this.#store = parts.store;
    this.#changeLog = parts.changeLog;
    this.#scheduler = parts.scheduler;
    this.#ports = parts.ports;
  }

  /** Carries out one call; `newId` is what it calls something new. Whoever calls sees to it that this is done once. */
  async carryOut(toolUseId: string, newId: string, call: ToolCall): Promise<ToolResult> {
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
      case 'message_task':
        return this.#ask(call.input.task_id, (task) =>
          task.message(toolUseId, call.input.text, call.input.when ?? 'now'),
        );
      case 'answer_question':
        return this.#answerQuestion(toolUseId, call.input);
      case 'decide_plan':
        return this.#decidePlan(toolUseId, call.input);
      case 'interrupt_task':
        return this.#ask(call.input.task_id, (task) => task.interrupt(toolUseId));
      case 'set_task_model':
        return this.#ask(call.input.task_id, (task) => task.setModel(toolUseId, call.input.model));
      case 'merge_task':
        return this.#ask(call.input.task_id, (task) => task.merge(toolUseId));
      case 'cancel_task':
        return this.#ask(call.input.task_id, (task) => task.cancel(toolUseId, call.input.close));
      case 'retry_task':
        return this.#ask(call.input.task_id, (task) => task.retry(toolUseId, call.input.from));
      case 'raise_budget':
        return this.#ask(call.input.task_id, (task) =>
          task.raiseBudget(toolUseId, call.input.limit),
        );
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

  #answerQuestion(
    toolUseId: string,
    input: Extract<ToolCall, { name: 'answer_question' }>['input'],
  ): Promise<ToolResult> | ToolResult {
    const item = this.#store.openItemsOf(input.task_id).find((one) => one.kind === 'question');
    if (item?.kind !== 'question') return failed('This task asks nothing just now.');
    const answers = item.questions.map((question, place) => {
      const { chosen = [], other = '' } = input.answers[place] ?? {};
      return answerFrom(question, chosen, other);
    });
    return this.#ask(input.task_id, (task) =>
      task.answer(toolUseId, item.questionId, answers, CONVERSATION),
    );
  }

  #decidePlan(
    toolUseId: string,
    input: Extract<ToolCall, { name: 'decide_plan' }>['input'],
  ): Promise<ToolResult> | ToolResult {
    const item = this.#store.openItemsOf(input.task_id).find((one) => one.kind === 'plan');
    if (item?.kind !== 'plan') return failed('This task has no plan that waits for approval.');
    const { id, hash } = item.plan;
    const { verdict, text, alternative } = input;
    if (verdict === 'changes' && text === undefined) {
      return failed('Say in text what should change.');
    }
    return this.#ask(input.task_id, (task) =>
      task.decide(
        toolUseId,
        id,
        hash,
        verdict === 'changes'
          ? { is: 'changes', text: text ?? '' }
          : verdict === 'approve'
            ? { is: 'approve', alternative: alternative ?? null }
            : { is: 'reject' },
        CONVERSATION,
      ),
    );
  }

  async #ask(
    taskId: string,
    ask: (
      task: ReturnType<ThreadPorts['task']>,
    ) => Promise<{ is: 'done' } | { is: 'refused'; text: string }>,
  ): Promise<ToolResult> {
    const { personId } = this.#store;
    if (personId === null || this.#store.task(taskId) === null) {
      return failed('There is no such task.');
    }
    // One that was given up begins again whatever is asked of it.
    if ((await this.#scheduler.reach(taskId)) === 'begun') return done({ done: true });
    const answer = await ask(this.#ports().task(personId, taskId));
    return answer.is === 'done' ? done({ done: true }) : failed(answer.text);
  }
}
