import { type ModelCall, textsOf } from './request.ts';

/**
 * Who asks: the main thread, the main thread's summariser, Claude Code at work, or anything else
 * (Claude Code's side calls, such as a name for its session).
 */
export type RequestKind = 'thread' | 'worker' | 'summary' | 'other';

const SUMMARY_MARK = 'You write the rolling summary';
/** Begins a message in which the main thread asks for words about what a task did. */
export const NOTICE_MARK = '<task_update>';

export function kindOf(call: Pick<ModelCall, 'system' | 'tools' | 'turns'>): RequestKind {
  if (call.tools.includes('start_task')) return 'thread';
  if (call.tools.includes('Bash') && call.tools.includes('Edit')) return 'worker';
  if (call.system.includes(SUMMARY_MARK)) return 'summary';
  const last = call.turns.at(-1);
  const notice = last !== undefined && textsOf(last).at(-1)?.trimStart().startsWith(NOTICE_MARK);
  return notice === true ? 'thread' : 'other';
}
