import { Meter } from './meter.ts';
import { type CallUsage, type ModelCall, usageOf } from '../models/model-call.ts';

/** How often a call that goes on is told of: one of which nothing is heard for three times as long is given up. */
const TOLD_EVERY_MS = 20_000;

/** What becomes of a call: it goes on, having used this much; and once, how it ended. */
export type CallWatch = {
  goesOn(usage: CallUsage | null): void;
  /** `null` where it costs nothing. */
  ended(usage: CallUsage | null): void;
};

/** Longer than what has come already takes to be read. */
const THERE_MS = 20;

/** The next piece if it has come already; null where it is still to come. */
function ifThere(piece: Promise<Uint8Array | null>): Promise<Uint8Array | null> {
  const late = new Promise<null>((resolve) => setTimeout(() => resolve(null), THERE_MS));
  return Promise.race([piece, late]);
}

/** Tells from time to time that a call goes on, until it is stopped; begins when the call is sent. */
export function telling(tell: () => void): () => void {
  const timer = setInterval(tell, TOLD_EVERY_MS);
  return () => clearInterval(timer);
}

/**
 * The answer of a model, metered as it passes. A caller that leaves is charged for what came: the
 * answer is read on until its prompt is counted, and then given up, so that the API writes no more of
 * it; one in a single piece is read to its end. What it had written by then is estimated.
 *
 * @param left aborted when the caller is gone.
 */
export function metered(
  answer: Response,
  call: Pick<ModelCall, 'id' | 'model'>,
  left: AbortSignal,
  watch: CallWatch,
): Response {
  if (answer.body === null) {
    watch.ended(null);
    return answer;
  }
  const meter = new Meter(answer.headers.get('content-type'));
  const used = () => (meter.tokens === null ? null : usageOf(call, meter.tokens, !meter.isWhole));
  const reader = answer.body.getReader();
  const stop = telling(() => watch.goesOn(used()));
  let isOver = false;
  const over = () => {
    if (isOver) return;
    isOver = true;
    stop();
    left.removeEventListener('abort', leave);
    meter.end();
    watch.ended(used());
  };
  /** The next piece, metered; null at the end, in whatever way it comes. */
  const next = async (): Promise<Uint8Array | null> => {
    const wasCounted = meter.isCounted;
    const { done, value } = await reader.read();
    if (done) return null;
    meter.take(value);
    // From its first count on it is known what a call costs at least, whatever happens here.
    if (!wasCounted && meter.isCounted) watch.goesOn(used());
    return value;
  };
  /** What the caller waits for now. */
  let coming: Promise<Uint8Array | null> | null = null;
  let isLeft = false;
  function leave(): void {
    if (isLeft || isOver) return;
    isLeft = true;
    void readOn();
  }
  const readOn = async () => {
    try {
      // Never by two at once: what the caller waited for comes first.
      let piece = await (meter.isCounted ? ifThere(coming ?? next()) : (coming ?? next()));
      // Whoever goes stops taking what has come before it is gone; that counts, too.
      while (piece !== null) piece = await (meter.isCounted ? ifThere(next()) : next());
    } catch {
      // It broke off: what was counted until then counts.
    }
    over();
    await reader.cancel().catch(() => {});
  };
  if (left.aborted) leave();
  else left.addEventListener('abort', leave);
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      if (isLeft) return;
      try {
        coming = next();
        const piece = await coming;
        if (isLeft) return;
        coming = null;
        if (piece !== null) return controller.enqueue(piece);
        over();
        controller.close();
      } catch (error) {
        if (isLeft) return;
        over();
        controller.error(error);
      }
    },
    cancel: leave,
  });
  return new Response(body, { status: answer.status, headers: answer.headers });
}
