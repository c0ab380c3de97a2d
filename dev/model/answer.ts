import { SUMMARY_INSTRUCTIONS } from './product-words.ts';
import { summaryReply } from './summary.ts';
import { noticeIn } from './thread/conversation.ts';
import { threadReply } from './thread/intents.ts';
import { type ModelCall, type Reply, say } from './wire.ts';
import { workerReply } from './worker/worker.ts';

/**
 * Who asks: the main thread, the main thread's summariser, Claude Code at work, or anything else
 * (Claude Code's side calls, such as a name for its session).
 */
export type RequestKind = 'thread' | 'worker' | 'summary' | 'other';

/** What the model says, and to whom: a function of the request, and of nothing else. */
export function answer(call: ModelCall): { kind: RequestKind; reply: Reply } {
  const { system, tools, turns } = call;
  if (tools.includes('start_task') || noticeIn(turns.at(-1)) !== null) {
    return { kind: 'thread', reply: threadReply(call) };
  }
  if (tools.includes('Bash') && tools.includes('Edit')) {
    return { kind: 'worker', reply: workerReply(call) };
  }
  if (system.includes(SUMMARY_INSTRUCTIONS)) return { kind: 'summary', reply: summaryReply(call) };
  // Claude Code asks for a session's name as JSON, and needs no more of it.
  return { kind: 'other', reply: say('{"title":"Offline work"}') };
}
