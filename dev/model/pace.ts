import type { RequestKind } from './wire/kind.ts';
import type { Reply } from './wire/reply.ts';

export type PaceOptions = {
  /** Speed of the main thread's text, in tokens a second. */
  tokensPerSecond: number;
  /** Until the main thread's first token, in milliseconds. */
  timeToFirstTokenMs: number;
  /** Until a worker's step begins, in milliseconds. */
  workerStepMs: number;
};

export const USUAL_PACE: PaceOptions = {
  tokensPerSecond: 120,
  timeToFirstTokenMs: 150,
  workerStepMs: 500,
};

/** How one answer is streamed, in aimock's terms. */
export type Stream = {
  /** Characters an event. */
  chunkSize: number;
  streamingProfile: { ttft: number; tps: number };
};

const TOKEN_CHARACTERS = 4;
/** A tool's input is streamed in longer pieces: nobody reads along. */
const INPUT_CHARACTERS = 12;
const WORKER_CHARACTERS = 80;
/** Events a second while a worker writes, for steps of one second; faster steps, faster events. */
const WORKER_EVENTS = 120;

export function streamOf(kind: RequestKind, reply: Reply, pace: PaceOptions): Stream {
  switch (kind) {
    case 'thread':
      return {
        chunkSize: reply.calls.length > 0 ? INPUT_CHARACTERS : TOKEN_CHARACTERS,
        streamingProfile: { ttft: pace.timeToFirstTokenMs, tps: pace.tokensPerSecond },
      };
    case 'worker':
      return {
        chunkSize: WORKER_CHARACTERS,
        streamingProfile: {
          ttft: pace.workerStepMs,
          tps: WORKER_EVENTS * (1_000 / Math.max(1, pace.workerStepMs)),
        },
      };
    case 'summary':
    case 'other':
      return {
        chunkSize: WORKER_CHARACTERS,
        streamingProfile: { ttft: pace.timeToFirstTokenMs, tps: pace.tokensPerSecond * 10 },
      };
  }
}
