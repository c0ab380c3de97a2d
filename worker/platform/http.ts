const PART_BYTES = 65_536;

/**
 * The body as text, unless it is longer than allowed; what it says of its length is believed only
 * where that is too much. No more than the allowed bytes are ever held.
 *
 * @param dropBytes how much of a body that is too long is read on and dropped: most clients read no
 *   answer before they have sent all, and would be told of a broken connection only.
 */
export async function boundedText(
  { body, headers }: Pick<Request, 'body' | 'headers'>,
  maxBytes: number,
  dropBytes = 0,
): Promise<string | null> {
  if (Number(headers.get('content-length') ?? 0) > maxBytes + dropBytes) {
    await body?.cancel();
    return null;
  }
  const decoder = new TextDecoder();
  let text = '';
  let size = 0;
  for await (const part of partsOf(body)) {
    size += part.byteLength;
    if (size > maxBytes + dropBytes) return null;
    if (size > maxBytes) text = '';
    else text += decoder.decode(part, { stream: true });
  }
  return size > maxBytes ? null : text + decoder.decode();
}

/** What comes, all in one buffer: each part is there until the next. A part each of its own would be many MB of garbage. */
async function* partsOf(body: ReadableStream<Uint8Array> | null): AsyncGenerator<Uint8Array> {
  const reader = body?.getReader({ mode: 'byob' });
  if (reader === undefined) return;
  try {
    for (let room = new Uint8Array(PART_BYTES); ;) {
      const { done, value } = await reader.read(room);
      if (done) return;
      yield value;
      room = new Uint8Array(value.buffer);
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
}

/**
 * The end of a body as text: of a long one, what stands in its last bytes. It is read to its end and
 * dropped as it passes, but for what the end needs.
 */
export async function tailText(body: ReadableStream<Uint8Array> | null, maxBytes: number) {
  let parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of body ?? []) {
    parts.push(part);
    size += part.byteLength;
    while (parts[0] !== undefined && size - parts[0].byteLength >= maxBytes) {
      size -= parts[0].byteLength;
      parts = parts.slice(1);
    }
  }
  const whole = new Uint8Array(await new Blob(parts).arrayBuffer());
  return new TextDecoder().decode(whole.subarray(Math.max(0, whole.byteLength - maxBytes)));
}

/** The same body, which ends with an error where it is longer than allowed. */
export function boundedStream(
  body: ReadableStream<Uint8Array>,
  maxBytes: number,
): ReadableStream<Uint8Array> {
  let size = 0;
  return body.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(part, controller) {
        size += part.byteLength;
        if (size > maxBytes) controller.error(new Error('The answer is too long.'));
        else controller.enqueue(part);
      },
    }),
  );
}

/** The JSON of a body; null for one that is longer than allowed, and for what is no JSON. */
export async function boundedJson(request: Request, maxBytes: number): Promise<unknown> {
  const text = await boundedText(request, maxBytes);
  try {
    return text === null ? null : JSON.parse(text);
  } catch {
    return null;
  }
}
