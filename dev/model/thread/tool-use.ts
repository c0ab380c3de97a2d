import * as z from 'zod/mini';
import type { PlanVerdict } from '../../../protocol/decision.ts';
import type { WorkerModel } from '../../../protocol/model.ts';
import type { Mending } from '../../../protocol/task-command.ts';
import type { OwnCall } from '../../../worker/thread/reply/tools.ts';
import { type Reply, type Round, parsed, say } from '../wire.ts';
import type { Conversation } from './conversation.ts';

type OfTask<Name, Input = unknown> = { name: Name; input: { task_id: string } & Input };

/** A call of one of the main thread's tools, which checks it; those of tasks as far as this model uses them. */
export type ToolCall =
  | OwnCall
  | OfTask<'message_task', { text: string; attachments?: string[] }>
  | OfTask<'answer_question', { answers: { chosen: string[]; other?: string }[] }>
  | OfTask<'decide_plan', { verdict: PlanVerdict['is']; text?: string; alternative?: string }>
  | OfTask<'cancel_task' | 'interrupt_task' | 'merge_task'>
  | OfTask<'mend_task', { what: Mending }>
  | OfTask<'set_task_model', { model: WorkerModel }>
  | OfTask<'raise_budget', { limit: number }>;

/** Calls tools of the main thread, with words before it. */
export function use(text: string, ...calls: ToolCall[]): Reply {
  return { text, calls };
}

export function roundOf(rounds: readonly Round[], name: ToolCall['name']): Round | undefined {
  return rounds.findLast((one) => one.name === name);
}

/** Why a tool refused, in its own words; null when it did not. */
export function failureOf({ result, failed }: Round): string | null {
  const { error } = parsed(z.object({ error: z.string() }), result) ?? {};
  const words = error ?? (failed ? result : null);
  return words?.trim().replace(/[.!]*$/, '.') ?? null;
}

/** Calls a tool once, then says that it is done or why not. */
export function once({ rounds }: Conversation, call: ToolCall, done: string): Reply {
  const round = roundOf(rounds, call.name);
  return round === undefined ? use('', call) : say(failureOf(round) ?? done);
}
