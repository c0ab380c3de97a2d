import { describe, expect, it } from 'vitest';
import { Down, type Snapshot } from '../../protocol/down.ts';
import type { InboxItem } from '../../protocol/inbox.ts';
import type { LogEntry } from '../../protocol/log.ts';
import { DEFAULT_SETTINGS } from '../../protocol/settings.ts';
import { deltaFrames, entriesFrames, snapshotFrames } from './frames.ts';
import { REPOSITORY, idOf, personMessage, replyMessage, summaryOf } from './testing/facts.ts';

/** What a WebSocket of a Worker takes at once. */
const LIMIT_BYTES = 1_048_576;

/** Reads the frames as a page does; each of them fits. */
function read(texts: Iterable<string>): Down[] {
  return [...texts].map((text) => {
    expect(Buffer.byteLength(text)).toBeLessThan(LIMIT_BYTES);
    return Down.parse(JSON.parse(text));
  });
}

const planItem = (at: number, text: string): InboxItem => ({
  id: idOf(at),
  taskId: idOf(at),
  title: 'A plan',
  repository: REPOSITORY.name,
  at: 1,
  outcome: null,
  kind: 'plan',
  plan: { id: idOf(at), text, hash: 'a'.repeat(64), round: 1, previous: null, alternatives: [] },
});

const EMPTY: Snapshot = {
  seq: 7,
  messages: [],
  hasOlder: false,
  tasks: [],
  inbox: [],
  settings: DEFAULT_SETTINGS,
  queue: [],
};

describe('a snapshot', () => {
  it('is one frame when it is small, with all of it', () => {
    const snapshot: Snapshot = {
      ...EMPTY,
      messages: [personMessage(1, 'Hello'), replyMessage(2, 'Hi')],
      tasks: [summaryOf()],
      inbox: [planItem(1, 'First this.')],
      queue: [{ taskId: idOf(3), after: null }],
    };
    expect(read(snapshotFrames(snapshot))).toEqual([{ type: 'snapshot', snapshot }]);
  });

  it('of long texts is several frames, in which every task and item is', () => {
    const long = '\u{FFFD}'.repeat(30_000);
    const snapshot: Snapshot = {
      ...EMPTY,
      messages: Array.from({ length: 50 }, (_, at) => personMessage(at + 1, long)),
      tasks: Array.from({ length: 30 }, (_, at) => summaryOf({ id: idOf(at), note: long })),
      inbox: Array.from({ length: 30 }, (_, at) => planItem(at, long)),
    };
    const [first, ...more] = read(snapshotFrames(snapshot));
    if (first?.type !== 'snapshot') throw new Error('The first frame is no snapshot.');
    const { messages, hasOlder } = first.snapshot;
    // The newest; the others are paged in.
    expect(messages.length).toBeGreaterThan(2);
    expect(messages).toEqual(snapshot.messages.slice(-messages.length));
    expect(hasOlder).toBe(true);
    const rest = more.flatMap((frame) => (frame.type === 'snapshot_more' ? [frame] : []));
    expect(rest).toHaveLength(more.length);
    expect([first.snapshot, ...rest].flatMap(({ tasks }) => tasks)).toEqual(snapshot.tasks);
    expect([first.snapshot, ...rest].flatMap(({ inbox }) => inbox)).toEqual(snapshot.inbox);
  });

  it('holds what no frame could, cut', () => {
    const snapshot = { ...EMPTY, inbox: [planItem(1, '"'.repeat(900_000)), planItem(2, 'Short.')] };
    const items = read(snapshotFrames(snapshot)).flatMap((frame) => {
      if (frame.type === 'snapshot') return frame.snapshot.inbox;
      return frame.type === 'snapshot_more' ? frame.inbox : [];
    });
    expect(items.map(({ id }) => id)).toEqual([idOf(1), idOf(2)]);
    expect(JSON.stringify(items[0])).toMatch(/"""…"|…/);
  });
});

it('entries stay in their order, and none is missing, however long they are', () => {
  const entries = Array.from({ length: 200 }, (_, at): LogEntry => {
    const message = personMessage(at + 1, `${at}${'x'.repeat(at % 10 === 0 ? 300_000 : 100)}`);
    return { seq: at + 1, at: 1, change: { type: 'message', message } };
  });
  const frames = read(entriesFrames(entries, 900));
  expect(frames.length).toBeGreaterThan(5);
  const seen = frames.flatMap((frame) => (frame.type === 'entries' ? frame.entries : []));
  expect(seen).toEqual(entries);
  expect(frames.every((frame) => frame.type === 'entries' && frame.upTo === 900)).toBe(true);
});

it('a long text that grows arrives whole', () => {
  const text = `${'😀'.repeat(120_000)}end`;
  const shown = read(deltaFrames(idOf(1), text)).reduce(
    (so, frame) => (frame.type === 'delta' ? so.slice(0, frame.offset) + frame.text : so),
    '',
  );
  expect(shown).toBe(text);
});
