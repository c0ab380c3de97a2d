import * as z from 'zod/mini';
import type { RefusalCode } from '../../protocol/down.ts';
import { Ulid } from '../../protocol/ids.ts';
import { UP_FRAME_MAX_CHARS, Up } from '../../protocol/up.ts';
import { tooLong } from './commands.ts';

/** What is no frame of the protocol. With its command's `id` the page does not keep and send it for ever. */
export type RefusedFrame = { is: 'refused'; id: string | null; code: RefusalCode; text: string };
type ReadFrame = { is: 'up'; up: Up } | RefusedFrame;

/** As much of a frame as is needed to say which one was refused. */
const Named = z.object({ id: Ulid });
/** The same in a frame that is too long to be parsed: its id stands near its beginning or its end. */
const ID_IN_TEXT = /"id":"(?<id>[0-9A-Z]{26})"/;
const NEAR_CHARS = 200;

const malformed = (id: string | null): ReadFrame => ({
  is: 'refused',
  id,
  code: 'malformed',
  text: 'That was not understood.',
});

export function readFrame(data: string | ArrayBuffer): ReadFrame {
  if (typeof data !== 'string') return malformed(null);
  if (data.length > UP_FRAME_MAX_CHARS) {
    const ends = `${data.slice(0, NEAR_CHARS)} ${data.slice(-NEAR_CHARS)}`;
    return { ...tooLong(data.length), id: ID_IN_TEXT.exec(ends)?.groups?.id ?? null };
  }
  const frame = parseJson(data);
  const up = Up.safeParse(frame);
  return up.success
    ? { is: 'up', up: up.data }
    : malformed(Named.safeParse(frame).data?.id ?? null);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
