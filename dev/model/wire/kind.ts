import { type ModelCall, textsOf } from './request.ts';

/**
 * Who asks: the main thread, the main thread's summariser, Claude Code at work, or anything else
 * (Claude Code's side calls, such as a name for its session).
 */
export type RequestKind = 'thread' | 'worker' | 'summary' | 'other';

const SUMMARY_MARK = 'You write the rolling summary';
/** Ends a message in which the main thread asks for words about what a task did. */
const NOTICE = /<task_update>[\s\S]*<\/task_update>\s*$/;

/** What a task did, in the tags that the main thread puts around it; null in what a person says. */
export function noticeIn(text: string): string | null {
  const found = NOTICE.exec(text);
  return found === null ? null : text.slice(text.lastIndexOf('<task_update>')).trim();
}

export function kindOf(call: Pick<ModelCall, 'system' | 'tools' | 'turns'>): RequestKind {
  if (call.tools.includes('start_task')) return 'thread';
  if (call.tools.includes('Bash') && call.tools.includes('Edit')) return 'worker';
  if (call.system.includes(SUMMARY_MARK)) return 'summary';
  const last = call.turns.at(-1);
  const text = last === undefined ? '' : textsOf(last).join('\n');
  return noticeIn(text) === null ? 'other' : 'thread';
}
