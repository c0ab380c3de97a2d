import { HEAD_BYTES, imageTypeOf, maxBytesOf, notTaken } from '../../protocol/attachable.ts';
import type { AttachmentType } from '../../protocol/attachment.ts';

/** What an upload is, by its content. */
export type Checked =
  | {
      is: 'ok';
      type: AttachmentType;
      /** The same bytes. It ends with an error where a text turns out to be none. */
      body: ReadableStream<Uint8Array>;
      /** True once it has. */
      isNoText(): boolean;
    }
  | { is: 'refused'; error: 'kind' | 'size'; text: string };

/** Looks at an upload's first bytes, and at every one of a text as it passes: nothing is held. */
export async function checked(
  body: ReadableStream<Uint8Array>,
  name: string,
  bytes: number,
): Promise<Checked> {
  const reader = body.getReader();
  const head: Uint8Array[] = [];
  let size = 0;
  let over = false;
  while (size < HEAD_BYTES && !over) {
    const { done, value } = await reader.read();
    over = done;
    if (value === undefined) continue;
    head.push(value);
    size += value.byteLength;
  }
  const type = imageTypeOf(joined(head)) ?? 'text/plain';
  if (bytes > maxBytesOf(type)) {
    await reader.cancel().catch(() => {});
    return { is: 'refused', error: 'size', text: notTaken.size(name, type, bytes) };
  }
  const text =
    type === 'text/plain' ? new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }) : null;
  let noText = false;
  const pass = (part: Uint8Array | undefined): void => {
    if (text === null) return;
    try {
      const said = text.decode(part, { stream: part !== undefined });
      noText ||= said.includes('\0');
    } catch {
      noText = true;
    }
    if (noText) throw new Error('This is no text.');
  };
  const passing = new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const part = head.shift() ?? (over ? undefined : (await reader.read()).value);
        pass(part);
        if (part === undefined) controller.close();
        else controller.enqueue(part);
      } catch (error) {
        controller.error(error);
        await reader.cancel().catch(() => {});
      }
    },
    cancel: (reason) => reader.cancel(reason),
  });
  return { is: 'ok', type, body: passing, isNoText: () => noText };
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, { byteLength }) => sum + byteLength, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.byteLength;
  }
  return all;
}
