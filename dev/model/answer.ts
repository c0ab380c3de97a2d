import { sideReply } from './side-calls.ts';
import { summaryReply } from './summary/summarise.ts';
import { threadReply } from './thread/thread.ts';
import type { RequestKind } from './wire/kind.ts';
import type { Reply } from './wire/reply.ts';
import type { ModelCall } from './wire/request.ts';
import { workerReply } from './worker/worker.ts';

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
      return sideReply(call);
  }
}
