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

/** Characters an event: longer where nobody reads along. */
const SIZES = { text: 4, input: 12, unread: 80 };
/** Events that a worker writes in the time of a step. */
const WORKER_EVENTS = 120;

/** How one answer is streamed, in aimock's terms: until the first event, and events a second. */
export function streamOf(kind: RequestKind, calls: number, pace: Pace) {
  const { tokensPerSecond, timeToFirstTokenMs, workerStepMs } = pace;
  if (kind === 'worker') {
    const tps = WORKER_EVENTS * (1_000 / Math.max(1, workerStepMs));
    return { chunkSize: SIZES.unread, streamingProfile: { ttft: workerStepMs, tps } };
  }
  const spoken = calls > 0 ? SIZES.input : SIZES.text;
  return {
    chunkSize: kind === 'thread' ? spoken : SIZES.unread,
    streamingProfile: { ttft: timeToFirstTokenMs, tps: tokensPerSecond },
  };
}
