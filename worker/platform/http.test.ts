import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { boundedStream, boundedText, tailText } from './http.ts';

const PART_BYTES = 1_000_000;
const COLLECT_EVERY = 25;

// What is held is only what is left once the garbage is gone, whenever that would have been by itself.
setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

/** A body of so many parts, which tells how many were asked for and whether it was given up. */
function endless(parts: number, text = 'x') {
  const seen = { pulled: 0, cancelled: false, heldBytes: 0 };
  const body = new ReadableStream(
    {
      type: 'bytes',
      pull(controller: ReadableByteStreamController) {
        if (seen.pulled === parts) {
          controller.close();
          // Whoever waits with a buffer of its own is told by this.
          controller.byobRequest?.respond(0);
          return;
        }
        seen.pulled++;
        if (seen.pulled % COLLECT_EVERY === 0) {
          // The second waits for what the first has left to be swept.
          collectGarbage();
          collectGarbage();
          seen.heldBytes = Math.max(seen.heldBytes, process.memoryUsage().arrayBuffers);
        }
        controller.enqueue(new Uint8Array(Buffer.alloc(PART_BYTES, text)));
      },
      cancel() {
        seen.cancelled = true;
      },
    },
    { highWaterMark: 0 },
  );
  return { body, seen };
}

describe('a body that must not be longer', () => {
  it('is given whole when it is not, though a character be cut in two on its way', async () => {
    const bytes = new TextEncoder().encode('Straße 😀');
    const body = new ReadableStream({
      type: 'bytes',
      start(controller: ReadableByteStreamController) {
        for (const byte of bytes) controller.enqueue(Uint8Array.of(byte));
        controller.close();
      },
    });
    expect(await boundedText({ body, headers: new Headers() }, bytes.length)).toBe('Straße 😀');
  });

  it('is read no further than to the bound', async () => {
    const { body, seen } = endless(200);
    expect(await boundedText({ body, headers: new Headers() }, 16 * PART_BYTES)).toBeNull();
    expect(seen.pulled).toBeLessThanOrEqual(18);
    expect(seen.cancelled).toBe(true);
  });

  it('is read on and dropped where its sender listens only after that', async () => {
    const { body, seen } = endless(20);
    const { headers } = new Request('http://sandbox', {
      headers: { 'content-length': '20000000' },
    });
    expect(await boundedText({ body, headers }, 5 * PART_BYTES, 50 * PART_BYTES)).toBeNull();
    expect(seen).toMatchObject({ pulled: 20, cancelled: false });
  });

  it('is not read at all when it says itself that it is longer', async () => {
    const { body, seen } = endless(200);
    const headers = new Headers({ 'content-length': '200000000' });
    expect(await boundedText({ body, headers }, 16 * PART_BYTES)).toBeNull();
    expect(seen).toMatchObject({ pulled: 0, cancelled: true });
  });

  it('ends with an error as it passes', async () => {
    const { body, seen } = endless(200);
    await expect(new Response(boundedStream(body, 3 * PART_BYTES)).text()).rejects.toThrow(
      'too long',
    );
    expect(seen.pulled).toBeLessThan(10);
  });
});

describe('the end of a body', () => {
  it('is what stands in its last bytes', async () => {
    expect(await tailText(new Response('one\ntwo\nthree').body, 5)).toBe('three');
    expect(await tailText(new Response('short').body, 100)).toBe('short');
    expect(await tailText(null, 100)).toBe('');
  });

  it('of a long one is found without holding the rest', async () => {
    const { body, seen } = endless(300);
    collectGarbage();
    collectGarbage();
    const before = process.memoryUsage().arrayBuffers;
    const tail = await tailText(body, 100_000);
    expect(tail).toBe('x'.repeat(100_000));
    expect(seen.pulled).toBe(300);
    expect(seen.heldBytes - before).toBeLessThan(10 * PART_BYTES);
  });
});
