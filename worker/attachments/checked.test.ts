import { expect, it } from 'vitest';
import { checked } from './checked.ts';

const PNG = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13, 1, 2, 3, 4);
const encode = (text: string) => new TextEncoder().encode(text);

/** The bytes, one at a time: nothing may depend on how they come. */
function slowly(bytes: Uint8Array): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (const byte of bytes) controller.enqueue(Uint8Array.of(byte));
      controller.close();
    },
  });
}

async function read(bytes: Uint8Array, name = 'file', length = bytes.byteLength) {
  const upload = await checked(slowly(bytes), name, length);
  if (upload.is === 'refused') return upload;
  const passed = await new Response(upload.body).bytes().catch(() => null);
  return { type: upload.type, isNoText: upload.isNoText(), passed };
}

it.each([
  ['an image, whatever it is called', PNG, 'image/png'],
  ['a text', encode('Grüße, 世界 😀\n'), 'text/plain'],
  ['a text that is shorter than any signature', encode('a'), 'text/plain'],
  ['a page, which is a text', encode('<!doctype html><script>alert(1)</script>'), 'text/plain'],
  ['a drawing with scripts, which is a text', encode('<svg onload="alert(1)"/>'), 'text/plain'],
])('%s passes as it is', async (_, bytes, type) => {
  expect(await read(bytes, 'anything.html')).toEqual({ type, isNoText: false, passed: bytes });
});

it.each([
  ['a program', Uint8Array.of(0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3, 0)],
  ['a text in Latin-1', Uint8Array.of(...encode('A long enough beginning, Gr'), 0xfc, 0xdf, 0x65)],
  [
    'a text that ends in half a character',
    Uint8Array.of(...encode('Enough of a text '), 0xe4, 0xb8),
  ],
  ['a text with a NUL far behind', Uint8Array.of(...encode('x'.repeat(5_000)), 0, 0x78)],
])('%s ends with an error, and why is known', async (_, bytes) => {
  expect(await read(bytes)).toMatchObject({ isNoText: true, passed: null });
});

it('what is larger than its kind may be is refused in words before it is read', async () => {
  expect(await read(encode('words '.repeat(10)), 'log.txt', 1_000_001)).toEqual({
    is: 'refused',
    error: 'size',
    text: 'log.txt has 1 MB. A text file may have 1 MB.',
  });
  expect(await read(PNG, 'a.png', 3_500_001)).toMatchObject({ is: 'refused', error: 'size' });
});
