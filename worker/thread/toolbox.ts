import { ulid } from 'ulid';
import type { TaskLine } from '../../protocol/task.ts';
import { sentenceOf } from '../github/retry.ts';
import { log } from '../log.ts';
import { branchName } from './branch-name.ts';
import type { ThreadOutside } from './outside.ts';
import type { ThreadStore } from './store.ts';
import { type ToolCall, parseCall } from './tools.ts';
import type { TurnStore } from './turn-store.ts';

/** What goes back to the model: JSON text. */
export type ToolResult = { text: string; isError: boolean };

const LISTED_TASKS = 20;
const FOUND_MESSAGES = 8;
const FOUND_CHARS = 600;
const SHORTEST_WORD_CHARS = 3;

function brief(line: TaskLine) {
  return {
    task_id: line.id,
    title: line.title,
    status: line.status,
    repository: line.repository,
    model: line.model,
    ...(line.note !== null && { last_step: line.note }),
    ...(line.pullRequest !== null && { pull_request: line.pullRequest }),
  };
}

const done = (value: unknown): ToolResult => ({ text: JSON.stringify(value), isError: false });
const failed = (error: string): ToolResult => ({ text: JSON.stringify({ error }), isError: true });

/** Carries out the main thread's tool calls, each once. */
export class Toolbox {
  readonly #store: ThreadStore;
  readonly #turns: TurnStore;
  readonly #outside: () => ThreadOutside;
  readonly #onTaskStarted: (replyId: string, line: TaskLine) => void;

  constructor(
    store: ThreadStore,
    turns: TurnStore,
    outside: () => ThreadOutside,
    onTaskStarted: (replyId: string, line: TaskLine) => void,
  ) {
    this.#store = store;
    this.#turns = turns;
    this.#outside = outside;
    this.#onTaskStarted = onTaskStarted;
  }

  /** The result of this very call; one that was carried out before is not carried out again. */
  async run(replyId: string, toolUseId: string, name: string, input: unknown): Promise<ToolResult> {
    const parsed = parseCall(name, input);
    if (parsed.is === 'wrong') return failed(parsed.text);
    const intent = this.#turns.intent(toolUseId, ulid());
    if (intent.result !== null) return JSON.parse(intent.result);
    try {
      const result = await this.#carryOut(replyId, toolUseId, intent.taskId, parsed.call);
      this.#turns.keepResult(toolUseId, JSON.stringify(result));
      return result;
    } catch (error) {
      log.error('thread.tool_failed', error, { tool: name, toolUseId });
      return failed('That could not be done just now. Try again in a moment.');
    }
  }

  async #carryOut(
    replyId: string,
    toolUseId: string,
    newTaskId: string,
    call: ToolCall,
  ): Promise<ToolResult> {
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
        const line = this.#store.task(call.input.task_id);
        if (line === null) return failed('There is no such task.');
        const { branch, attempt, usage, startedAt, endedAt } = line;
        return done({ ...brief(line), branch, attempt, cost: usage.cost, startedAt, endedAt });
      }
      case 'message_task':
        return this.#ask(call.input.task_id, (task) => task.message(toolUseId, call.input.text));
      case 'cancel_task':
        return this.#ask(call.input.task_id, (task) => task.cancel(toolUseId));
      case 'list_repositories': {
        const known = await this.#outside().github.repositories();
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

  async #startTask(
    replyId: string,
    taskId: string,
    input: Extract<ToolCall, { name: 'start_task' }>['input'],
  ): Promise<ToolResult> {
    const { personId } = this.#store;
    if (personId === null) return failed('Nobody is signed in.');
    const { github } = this.#outside();
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
    const line = await this.#outside()
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
      });
    this.#onTaskStarted(replyId, line);
    return done(brief(line));
  }

  async #ask(
    taskId: string,
    ask: (
      task: ReturnType<ThreadOutside['task']>,
    ) => Promise<{ is: 'done' } | { is: 'refused'; text: string }>,
  ): Promise<ToolResult> {
    const { personId } = this.#store;
    if (personId === null || this.#store.task(taskId) === null) {
      return failed('There is no such task.');
    }
    const answer = await ask(this.#outside().task(personId, taskId));
    return answer.is === 'done' ? done({ done: true }) : failed(answer.text);
  }
}
