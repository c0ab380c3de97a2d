import type { RequestKind } from './answer.ts';

export type Pace = {
  /** Speed of the main thread's text, in tokens a second. */
  tokensPerSecond: number;
  /** Until the main thread's first token, in milliseconds. */
  timeToFirstTokenMs: number;
  /** Until a worker's step begins, in milliseconds. */
  workerStepMs: number;
};

export const USUAL_PACE: Pace = {
  tokensPerSecond: 120,
  timeToFirstTokenMs: 150,
  workerStepMs: 500,
};

const TOKEN_CHARACTERS = 4;
/** A tool's input is streamed in longer pieces, and a worker's in longer ones yet: nobody reads along. */
const INPUT_CHARACTERS = 12;
const WORKER_CHARACTERS = 80;
/** Events that a worker writes in the time of a step. */
const WORKER_EVENTS = 120;

/** How one answer is streamed, in aimock's terms: characters an event, events a second. */
export function streamOf(kind: RequestKind, calls: number, pace: Pace) {
  const { tokensPerSecond, timeToFirstTokenMs, workerStepMs } = pace;
  switch (kind) {
    case 'thread':
      return {
        chunkSize: calls > 0 ? INPUT_CHARACTERS : TOKEN_CHARACTERS,
        streamingProfile: { ttft: timeToFirstTokenMs, tps: tokensPerSecond },
      };
    case 'worker':
      return {
        chunkSize: WORKER_CHARACTERS,
        streamingProfile: {
          ttft: workerStepMs,
          tps: WORKER_EVENTS * (1_000 / Math.max(1, workerStepMs)),
        },
      };
    case 'summary':
    case 'other':
      return {
        chunkSize: WORKER_CHARACTERS,
        streamingProfile: { ttft: timeToFirstTokenMs, tps: tokensPerSecond * 10 },
      };
  }
}
