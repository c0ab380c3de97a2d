import type { Tool } from '@anthropic-ai/sdk/resources/messages';
import * as z from 'zod/mini';
import { BranchName, RepositoryName, TaskId, Ulid } from '../../../protocol/ids.ts';
import { WorkerModel } from '../../../protocol/model.ts';
import { TaskMode } from '../../../protocol/task.ts';

const TITLE_MAX_CHARS = 120;
const PROMPT_MAX_CHARS = 50_000;

const text = (max: number) => z.string().check(z.trim(), z.minLength(1), z.maxLength(max));
const tool = <Name extends string, Input extends z.ZodMiniType>(name: Name, input: Input) =>
  z.object({ name: z.literal(name), input });

/** A call of one of the main thread's tools. The model is shown the same schema that parses its input. */
export const ToolCall = z.discriminatedUnion('name', [
  tool(
    'start_task',
    z.object({
      repository: RepositoryName,
      title: text(TITLE_MAX_CHARS),
      prompt: text(PROMPT_MAX_CHARS),
      model: z.optional(WorkerModel),
      mode: z.optional(TaskMode),
      base_branch: z.optional(BranchName),
      /** Starts once this task has delivered or ended. */
      after: z.optional(TaskId),
      priority: z.optional(z.enum(['normal', 'high'])),
    }),
  ),
  tool('list_tasks', z.object({})),
  tool('get_task', z.object({ task_id: TaskId })),
  tool(
    'message_task',
    z.object({
      task_id: TaskId,
      text: text(PROMPT_MAX_CHARS),
      when: z.optional(z.enum(['now', 'later'])),
    }),
  ),
  tool(
    'answer_question',
    z.object({
      task_id: TaskId,
      /** One a question, in their order. */
      answers: z.array(z.object({ chosen: z.array(text(2_000)), other: z.optional(z.string()) })),
    }),
  ),
  tool(
    'decide_plan',
    z.object({
      task_id: TaskId,
      verdict: z.enum(['approve', 'changes', 'reject']),
      /** What should change. */
      text: z.optional(text(20_000)),
      alternative: z.optional(z.string()),
    }),
  ),
  tool('interrupt_task', z.object({ task_id: TaskId })),
  tool('set_task_model', z.object({ task_id: TaskId, model: WorkerModel })),
  tool('merge_task', z.object({ task_id: TaskId })),
  tool('cancel_task', z.object({ task_id: TaskId, close: z.optional(z.boolean()) })),
  tool(
    'retry_task',
    z.object({ task_id: TaskId, from: z.optional(z.enum(['checkpoint', 'scratch'])) }),
  ),
  tool('move_task', z.object({ task_id: TaskId, position: z.int().check(z.positive()) })),
  tool('raise_budget', z.object({ task_id: TaskId, limit: z.number().check(z.positive()) })),
  tool(
    'set_limits',
    z.object({
      parallel: z.optional(z.int()),
      task_budget: z.optional(z.nullable(z.number())),
      day_budget: z.optional(z.nullable(z.number())),
      wait_for_plan: z.optional(z.boolean()),
    }),
  ),
  tool('remember', z.object({ text: text(500), repository: z.optional(RepositoryName) })),
  tool('forget', z.object({ note_id: Ulid })),
  tool('list_repositories', z.object({})),
  tool('search_conversation', z.object({ query: text(500) })),
]);
export type ToolCall = z.infer<typeof ToolCall>;

const DESCRIPTIONS: Record<ToolCall['name'], string> = {
  start_task:
    'Starts a worker on one piece of work in one repository; it ends with a draft pull request. The prompt must be self-contained. after: another task that has to deliver or end first. priority high: it goes ahead of those that wait.',
  list_tasks: 'Lists the tasks at work and those that ended lately, with status and last step.',
  get_task: 'Gives everything about one task.',
  message_task:
    'Passes the person’s words to a task: now at its next step, later as its next turn. A task that has ended goes on with them on its branch.',
  answer_question:
    'Answers all open questions of a task in the person’s name: per question the labels that the person chose, or their own words in other.',
  decide_plan:
    'Decides about a task’s open plan in the person’s name: approve, changes (with text: what should change), reject (ends the task).',
  interrupt_task: 'Stops a task’s turn and keeps its work; it waits for the next word.',
  set_task_model: 'Changes the model of a task from its next turn on.',
  merge_task: 'Merges the pull request of a task in review, when the person says so.',
  cancel_task:
    'Stops a task. What it has pushed stays; close also closes its pull request and its issue, when the person wants that.',
  retry_task: 'Starts a failed or cancelled task again: from its last checkpoint, or from scratch.',
  move_task: 'Gives a task that waits for its turn another place in the queue, counted from 1.',
  raise_budget: 'Allows a task to cost this much in all, in US dollars; a paused one goes on.',
  set_limits:
    'Sets what the person wants: tasks at work at once, the budget of each task and of a day in US dollars (null: none), whether to wait for the Claude plan’s limit.',
  remember:
    'Keeps something in mind for all later work, or for one repository, when the person asks for that.',
  forget: 'Forgets a note, by its id from the list of what is remembered.',
  list_repositories: 'Lists the repositories that tasks can work in.',
  search_conversation: 'Finds older messages of this conversation by their words.',
};

/** The tools as the Messages API takes them. */
export const TOOLS: Tool[] = ToolCall.def.options.flatMap(({ shape }) =>
  shape.name.def.values.map((name) => {
    const { $schema: _schema, ...schema } = z.toJSONSchema(shape.input, { io: 'input' });
    return { name, description: DESCRIPTIONS[name], input_schema: { ...schema, type: 'object' } };
  }),
);

export type ParsedCall = { is: 'call'; call: ToolCall } | { is: 'wrong'; text: string };

/** Checks a call of the model; what is wrong goes back to it in words. */
export function parseCall(name: string, input: unknown): ParsedCall {
  const parsed = ToolCall.safeParse({ name, input });
  if (parsed.success) return { is: 'call', call: parsed.data };
  const issues = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  return { is: 'wrong', text: issues.join('; ') };
}
