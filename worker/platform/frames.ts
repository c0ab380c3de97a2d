import { fittingJson } from './fit.ts';
import { log } from './log.ts';

/** Longest message that is sent over a WebSocket, in bytes: Workers take 1 MiB, some of which is the frame's own. */
const FRAME_MAX_BYTES = 1_000_000;
/** Around the values of a frame: its type and numbers. */
const REST_BYTES = 1_000;

const encoder = new TextEncoder();
export const bytesOf = (text: string) => encoder.encode(text).byteLength;

/** Room for values in a frame in which so much stands besides. */
export const roomBeside = (json: string) => FRAME_MAX_BYTES - REST_BYTES - bytesOf(json);

/** The value as JSON that fits a frame: one that is longer by itself has its long texts cut. */
export function frameJson(value: unknown): string | null {
  const fitting = fittingJson(value, FRAME_MAX_BYTES - REST_BYTES);
  if (fitting === null) log.warn('frame.value_too_large', { bytes: JSON.stringify(value).length });
  return fitting?.json ?? null;
}

/** The values as JSON, in order, in lists that fit a frame each. */
export function* packed(values: Iterable<unknown>): Generator<string[]> {
  let list: string[] = [];
  let left = roomBeside('');
  for (const value of values) {
    const json = frameJson(value);
    if (json === null) continue;
    const bytes = bytesOf(json) + 1;
    if (bytes > left && list.length > 0) {
      yield list;
      list = [];
      left = roomBeside('');
    }
    list.push(json);
    left -= bytes;
  }
  if (list.length > 0) yield list;
}
