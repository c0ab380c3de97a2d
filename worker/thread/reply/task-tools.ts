import * as z from 'zod/mini';
import { type Answer, QUESTIONS_MAX, type Question } from '../../../protocol/decision.ts';
import { ATTACHMENTS_MAX, type Attachment } from '../../../protocol/attachment.ts';
import { TaskId, Ulid } from '../../../protocol/ids.ts';
import type { InboxItem } from '../../../protocol/inbox.ts';
import { WorkerModel } from '../../../protocol/model.ts';
import { Mending, RetryFrom, type TaskCommand } from '../../../protocol/task-command.ts';

const MESSAGE_MAX_CHARS = 50_000;
/** Of one answer, below what a task takes: what is chosen may come to words of one's own. */
const CHOSEN_MAX = 5;
const OTHER_MAX_CHARS = 9_000;

const text = (max: number) => z.string().check(z.trim(), z.minLength(1), z.maxLength(max));

/** A call that makes no sense; `text` says to the model in words why. */
type WrongCall = { is: 'wrong'; text: string };

/** What the person attached, by its ids; a sentence where some of it is not there. */
export type FindAttached = (ids: readonly string[]) => Attachment[] | string;

/** A call whose input is what its tool takes, of which a command can be made. */
export type ReadCall =
  | {
      is: 'task';
      taskId: string;
      /**
       * @param open the items of this task that wait for the person.
       * @param attached finds what the person attached, by its ids; says why where it is not there.
       */
      toCommand(
        open: readonly InboxItem[],
        attached: FindAttached,
      ): { is: 'command'; command: TaskCommand } | WrongCall;
    }
  | WrongCall;

/** A tool of the conversation that asks something of one task. */
export type TaskTool = {
  name: string;
  description: string;
  /** Which command it comes to: what that needs, the tool needs too. */
  does: TaskCommand['do'];
  /** What it did, in words that go before `a task` or `3 tasks`. */
  did: string;
  input: z.ZodMiniType;
  read(input: unknown): ReadCall;
};

/** What is wrong with an input, field by field. */
export function wrongInput(error: z.core.$ZodError): WrongCall {
  const issues = error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  return { is: 'wrong', text: issues.join('; ') };
}

const OfTask = z.object({ task_id: TaskId });

/** One tool: its name, what the model reads of it, its command, what it did then, and its input besides the task's id. */
function taskTool<Shape extends z.core.$ZodShape, Does extends TaskCommand['do']>(
  name: string,
  description: string,
  does: Does,
  did: string,
  shape: Shape,
  toCommand: (
    input: z.infer<z.ZodMiniObject<Shape>>,
    open: readonly InboxItem[],
    attached: FindAttached,
  ) => Extract<TaskCommand, { do: Does }> | string,
): TaskTool {
  const own = z.object(shape);
  const whole = z.object({ ...OfTask.shape, ...shape });
  return {
    name,
    description,
    does,
    did,
    input: whole,
    read: (given) => {
      const checked = whole.safeParse(given);
      if (!checked.success) return wrongInput(checked.error);
      const input = own.parse(given);
      return {
        is: 'task',
        taskId: OfTask.parse(given).task_id,
        toCommand: (open, attached) => {
          const command = toCommand(input, open, attached);
          return typeof command === 'string'
            ? { is: 'wrong', text: command }
            : { is: 'command', command };
        },
      };
    },
  };
}

/** The model's answer in the question's own terms: labels whatever their case, the rest as own words. */
function answerFrom(question: Question, chosen: readonly string[], other: string): Answer {
  const labels: string[] = [];
  const words: string[] = other.trim() === '' ? [] : [other.trim()];
  for (const one of chosen) {
    const option = question.options.find(
      ({ label }) => label.toLowerCase() === one.trim().toLowerCase(),
    );
    if (option === undefined) words.push(one.trim());
    else labels.push(option.label);
  }
  return { chosen: labels, other: words.join(', ') };
}

/** Every tool that asks something of a task, and the command that it comes to. */
export const TASK_TOOLS: readonly TaskTool[] = [
  taskTool(
    'message_task',
    'Passes the person’s words to a task: now at its next step, later as its next turn. A task that has ended goes on with them on its branch. attachments: ids of files that the person attached and the worker needs.',
    'message',
    'sent a message to',
    {
      text: text(MESSAGE_MAX_CHARS),
      when: z.optional(z.enum(['now', 'later'])),
      attachments: z.optional(z.array(Ulid).check(z.maxLength(ATTACHMENTS_MAX))),
    },
    (input, _, attached) => {
      const attachments = attached(input.attachments ?? []);
      if (typeof attachments === 'string') return attachments;
      const message = { do: 'message', text: input.text, when: input.when ?? 'now' } as const;
      return attachments.length === 0 ? message : { ...message, attachments };
    },
  ),
  taskTool(
    'answer_question',
    'Answers all open questions of a task in the person’s name: per question the labels that the person chose, or their own words in other.',
    'answer',
    'answered',
    {
      /** One a question, in their order. */
      answers: z
        .array(
          z.object({
            chosen: z.array(text(2_000)).check(z.maxLength(CHOSEN_MAX)),
            other: z.optional(z.string().check(z.maxLength(OTHER_MAX_CHARS))),
          }),
        )
        .check(z.maxLength(QUESTIONS_MAX)),
    },
    (input, open) => {
      const item = open.find((one) => one.kind === 'question');
      if (item === undefined) return 'This task asks nothing just now.';
      const answers = item.questions.map((question, place) => {
        const { chosen = [], other = '' } = input.answers[place] ?? {};
        return answerFrom(question, chosen, other);
      });
      return { do: 'answer', questionId: item.questionId, answers };
    },
  ),
  taskTool(
    'decide_plan',
    'Decides about a task’s open plan in the person’s name: approve, changes (with text: what should change), reject (ends the task).',
    'decide',
    'decided about the plan of',
    {
      verdict: z.enum(['approve', 'changes', 'reject']),
      /** What should change. */
      text: z.optional(text(20_000)),
      alternative: z.optional(z.string()),
    },
    (input, open) => {
      const item = open.find((one) => one.kind === 'plan');
      if (item === undefined) return 'This task has no plan that waits for approval.';
      const plan = { do: 'decide', planId: item.plan.id, hash: item.plan.hash } as const;
      switch (input.verdict) {
        case 'approve':
          return { ...plan, verdict: { is: 'approve', alternative: input.alternative ?? null } };
        case 'changes':
          if (input.text === undefined) return 'Say in text what should change.';
          return { ...plan, verdict: { is: 'changes', text: input.text } };
        case 'reject':
          return { ...plan, verdict: { is: 'reject' } };
      }
    },
  ),
  taskTool(
    'interrupt_task',
    'Stops a task’s turn and keeps its work; it waits for the next word.',
    'interrupt',
    'interrupted',
    {},
    () => ({ do: 'interrupt' }),
  ),
  taskTool(
    'set_task_model',
    'Changes the model of a task from its next turn on.',
    'set_model',
    'changed the model of',
    { model: WorkerModel },
    ({ model }) => ({ do: 'set_model', model }),
  ),
  taskTool(
    'merge_task',
    'Merges the pull request of a task in review, when the person says so.',
    'merge',
    'merged',
    {},
    () => ({ do: 'merge' }),
  ),
  taskTool(
    'mend_task',
    'Gives the pull request of a task in review back to its worker, when the person says so: for checks that fail, conflicts with the base branch, or comments that it was not given.',
    'mend',
    'gave work back to',
    { what: Mending },
    ({ what }) => ({ do: 'mend', what }),
  ),
  taskTool(
    'cancel_task',
    'Stops a task. What it has pushed stays; close also closes its pull request and its issue, when the person wants that.',
    'cancel',
    'cancelled',
    { close: z.optional(z.boolean()) },
    ({ close }) => ({ do: 'cancel', close: close ?? false }),
  ),
  taskTool(
    'retry_task',
    'Starts a failed or cancelled task again: from its last checkpoint, or from scratch.',
    'retry',
    'retried',
    { from: z.optional(RetryFrom) },
    ({ from }) => ({ do: 'retry', from: from ?? 'checkpoint' }),
  ),
  taskTool(
    'raise_budget',
    'Allows a task to cost this much in all, in US dollars; a paused one goes on.',
    'raise_budget',
    'raised the budget of',
    { limit: z.number().check(z.positive()) },
    ({ limit }) => ({ do: 'raise_budget', limit }),
  ),
];
