import type { Snapshot } from '../../protocol/down.ts';
import type { LogEntry } from '../../protocol/log.ts';
import { bytesOf, frameJson, packed, roomBeside } from '../platform/frames.ts';

/** Of the room in a snapshot's frame, what its messages may take; older ones are paged in. */
const MESSAGES_SHARE = 0.5;
const DELTA_MAX_CHARS = 100_000;

/** Takes from the front of the list what there is room for, as JSON. */
function take(values: unknown[], maxBytes: number): string[] {
  const taken: string[] = [];
  let left = maxBytes;
  while (values.length > 0) {
    const json = frameJson(values[0]);
    left -= json === null ? 0 : bytesOf(json) + 1;
    if (left < 0) break;
    if (json !== null) taken.push(json);
    values.shift();
  }
  return taken;
}

/** Log entries as the text of frames, whatever stands in them. */
export function* entriesFrames(entries: Iterable<LogEntry>, upTo: number): Generator<string> {
  for (const list of packed(entries)) {
    yield `{"type":"entries","entries":[${list.join(',')}],"upTo":${upTo}}`;
  }
}

/**
 * A snapshot as the text of frames: the first holds as many of the newest messages as there is room
 * for, and of the tasks and the inbox what fits beside them; the rest of these follows.
 */
export function* snapshotFrames(snapshot: Snapshot): Generator<string> {
  const { seq, settings, queue } = snapshot;
  const set = `"seq":${seq},"settings":${JSON.stringify(settings)},"queue":${JSON.stringify(queue)}`;
  let room = roomBeside(set);
  const older = snapshot.messages.toReversed();
  const messages = take(older, room * MESSAGES_SHARE).toReversed();
  const hasOlder = snapshot.hasOlder || older.length > 0;
  room -= bytesOf(messages.join(','));
  const tasks = [...snapshot.tasks];
  const shownTasks = take(tasks, room);
  room -= bytesOf(shownTasks.join(','));
  const inbox = [...snapshot.inbox];
  const shownItems = tasks.length > 0 ? [] : take(inbox, room);
  yield `{"type":"snapshot","snapshot":{${set},"messages":[${messages.join(',')}],"hasOlder":${hasOlder},"tasks":[${shownTasks.join(',')}],"inbox":[${shownItems.join(',')}]}}`;
  for (const list of packed(tasks)) {
    yield `{"type":"snapshot_more","tasks":[${list.join(',')}],"inbox":[]}`;
  }
  for (const list of packed(inbox)) {
    yield `{"type":"snapshot_more","tasks":[],"inbox":[${list.join(',')}]}`;
  }
}

/** The whole of a text that grows, in pieces that fit a frame each. */
export function* deltaFrames(messageId: string, text: string): Generator<string> {
  for (let offset = 0; offset < text.length; offset += DELTA_MAX_CHARS) {
    const piece = text.slice(offset, offset + DELTA_MAX_CHARS);
    yield JSON.stringify({ type: 'delta', messageId, offset, text: piece });
  }
}
