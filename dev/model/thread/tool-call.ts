import type { OwnCall } from '../../../worker/thread/reply/tools.ts';

type OfTask<Name extends string, Input = unknown> = {
  name: Name;
  input: { task_id: string } & Input;
};

/** A call of one of the main thread's tools, which checks it; those of tasks as far as this model uses them. */
export type ToolCall =
  | OwnCall
  | OfTask<'message_task', { text: string }>
  | OfTask<'answer_question', { answers: { chosen: string[]; other?: string }[] }>
  | OfTask<
      'decide_plan',
      { verdict: 'approve' | 'changes' | 'reject'; text?: string; alternative?: string }
    >
  | OfTask<'cancel_task' | 'interrupt_task' | 'merge_task'>
  | OfTask<'set_task_model', { model: 'opus' | 'sonnet' | 'haiku' }>
  | OfTask<'raise_budget', { limit: number }>;
