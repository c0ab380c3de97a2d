/**
 * The same bytes, counted as they pass; nothing is held.
 *
 * @param length how many there will be, where that is known: the receiver is told so.
 * @param done hears the number once, at the end or when either side goes away.
 */
export function counted(
  body: ReadableStream<Uint8Array>,
  length: number | null,
  done: (bytes: number) => void,
): ReadableStream<Uint8Array> {
  let bytes = 0;
  let told = false;
  const tell = () => {
    if (!told) done(bytes);
    told = true;
  };
  const reader = body.getReader();
  const passing = new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const { done: over, value } = await reader.read();
        if (over) {
          tell();
          controller.close();
          return;
        }
        bytes += value.byteLength;
        controller.enqueue(value);
      } catch (error) {
        tell();
        controller.error(error);
      }
    },
    async cancel(reason) {
      tell();
      await reader.cancel(reason);
    },
  });
  return length === null ? passing : passing.pipeThrough(new FixedLengthStream(length));
}
