import { SUMMARY_INSTRUCTIONS } from './product-words.ts';
import { summaryReply } from './summary.ts';
import { noticeIn } from './thread/conversation.ts';
import { threadReply } from './thread/intents.ts';
import { type Reply, say } from './wire/reply.ts';
import type { ModelCall } from './wire/request.ts';
import { workerReply } from './worker/worker.ts';

/**
 * Who asks: the main thread, the main thread's summariser, Claude Code at work, or anything else
 * (Claude Code's side calls, such as a name for its session).
 */
export type RequestKind = 'thread' | 'worker' | 'summary' | 'other';

export function kindOf({ system, tools, turns }: ModelCall): RequestKind {
  if (tools.includes('start_task') || noticeIn(turns.at(-1)) !== null) return 'thread';
  if (tools.includes('Bash') && tools.includes('Edit')) return 'worker';
  return system.includes(SUMMARY_INSTRUCTIONS) ? 'summary' : 'other';
}

/** What the model says: a function of the request, and of nothing else. */
export function answer(kind: RequestKind, call: ModelCall): Reply {
  switch (kind) {
    case 'thread':
      return threadReply(call);
    case 'worker':
      return workerReply(call);
    case 'summary':
      return summaryReply(call);
    case 'other':
      // Claude Code asks for a session's name as JSON, and needs no more of it.
      return say('{"title":"Offline work"}');
  }
}
