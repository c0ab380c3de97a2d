import * as z from 'zod/mini';
import { Command } from '../../protocol/up.ts';

/**
 * A command that the server has not answered yet. It survives the page in IndexedDB. `person` gave it,
 * and nobody else sends it who signs in on this device; null where nobody was known yet.
 */
const PendingCommand = z.object({
  command: Command,
  at: z.number(),
  person: z._default(z.nullable(z.string()), null),
});
export type PendingCommand = z.infer<typeof PendingCommand>;

/** Until protocol version 4 each command to a task was a frame of its own: its name now, and what it left out. */
const FRAMES: Record<string, { do: string } & Record<string, unknown>> = {
  cancel_task: { do: 'cancel', close: false },
  retry_task: { do: 'retry', from: 'checkpoint' },
  message_task: { do: 'message' },
  arrange_queue: { do: 'arrange_queue' },
  interrupt_task: { do: 'interrupt' },
  set_task_model: { do: 'set_model' },
  merge_task: { do: 'merge' },
  raise_budget: { do: 'raise_budget' },
  answer_question: { do: 'answer' },
  decide_plan: { do: 'decide' },
};
const Frame = z.looseObject({ type: z.string(), id: z.string(), taskId: z.string() });
const KeptFrame = z.object({ command: Frame, at: z.number() });

/** Reads what an older page may have left to be sent; null when nobody can tell what it was. */
export function readKept(row: unknown): PendingCommand | null {
  const now = PendingCommand.safeParse(row);
  if (now.success) return now.data;
  const kept = KeptFrame.safeParse(row);
  if (!kept.success) return null;
  const { type, id, taskId, ...said } = kept.data.command;
  const command = { ...FRAMES[type], ...said };
  const read = PendingCommand.safeParse({
    command: { type: 'task', id, taskId, command },
    at: kept.data.at,
  });
  return read.success ? read.data : null;
}
