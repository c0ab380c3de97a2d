/**
 * The body as text, unless it is longer than allowed; what it says of its length is believed only
 * where that is too much. No more than the allowed bytes are ever held, and what follows is not read.
 */
export async function boundedText(
  { body, headers }: Pick<Request, 'body' | 'headers'>,
  maxBytes: number,
): Promise<string | null> {
  if (Number(headers.get('content-length') ?? 0) > maxBytes) {
    await body?.cancel();
    return null;
  }
  const decoder = new TextDecoder();
  let text = '';
  let size = 0;
  for await (const part of body ?? []) {
    size += part.byteLength;
    if (size > maxBytes) return null;
    text += decoder.decode(part, { stream: true });
  }
  return text + decoder.decode();
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
