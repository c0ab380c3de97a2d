import { describe, expect, it } from 'vitest';
import type { Down } from '../../protocol/down.ts';
import { DEFAULT_SETTINGS } from '../../protocol/settings.ts';
import type { LogEntry } from '../../protocol/log.ts';
import type { Message } from '../../protocol/message.ts';
import { addOlder } from './passage.ts';
import { reduce } from './reducer.ts';
import { type State, emptyState } from './state.ts';

const ID = '01ARZ3NDEKTSV4RRFFQ69G5FA';

const said = (seq: number, text: string): Message => ({
  id: `${ID}${seq % 10}`,
  from: 'person',
  text,
  at: 1,
  seq,
});
const reply = (seq: number, text: string, is: 'streaming' | 'done'): Message => ({
  id: `${ID}${seq % 10}`,
  from: 'mainloop',
  text,
  at: 1,
  seq,
  state: { is },
  taskIds: [],
});
const entry = (seq: number, message: Message): LogEntry => ({
  seq,
  at: 1,
  change: { type: 'message', message },
});
const entries = (...list: LogEntry[]): Down => ({
  type: 'entries',
  entries: list,
  upTo: list.at(-1)?.seq ?? 0,
});
const snapshot = (seq: number, messages: Message[], hasOlder = false): Down => ({
  type: 'snapshot',
  snapshot: {
    seq,
    messages,
    hasOlder,
    tasks: [],
    inbox: [],
    settings: DEFAULT_SETTINGS,
    queue: [],
  },
});

function fold(...frames: Down[]): State {
  const state = emptyState();
  for (const frame of frames) reduce(state, structuredClone(frame));
  return state;
}

describe('the fold of the server’s frames', () => {
  it('gives the same live as after a resume from the cursor', () => {
    const log = [
      entry(1, said(1, 'one')),
      entry(2, reply(2, '', 'streaming')),
      entry(3, { ...reply(2, 'two', 'done') }),
      entry(4, said(4, 'four')),
    ];
    const live = fold(snapshot(0, []), ...log.map((one) => entries(one)));
    const resumed = fold(snapshot(0, []), entries(...log.slice(0, 2)), entries(...log.slice(2)));
    expect(resumed).toEqual(live);
    expect(live.messages.map((message) => message.text)).toEqual(['one', 'two', 'four']);
    expect(live.cursor).toBe(4);
  });

  it('takes an entry that it has seen once only', () => {
    const first = entry(1, said(1, 'one'));
    expect(fold(snapshot(0, []), entries(first), entries(first))).toEqual(
      fold(snapshot(0, []), entries(first)),
    );
  });

  it('puts streamed text together by its offsets, and the whole text replaces it', () => {
    const begun = entry(1, reply(1, '', 'streaming'));
    const delta = (offset: number, text: string): Down => ({
      type: 'delta',
      messageId: `${ID}1`,
      offset,
      text,
    });
    const text = (...frames: Down[]) =>
      fold(snapshot(0, []), entries(begun), ...frames).messages[0]?.text;
    expect(text(delta(0, 'Hel'), delta(3, 'lo'))).toBe('Hello');
    expect(text(delta(0, 'Hel'), delta(3, 'lo'), delta(0, 'Hello'))).toBe('Hello');
    expect(text(delta(5, 'too far'))).toBe('');
    expect(text(delta(0, 'Hel'), entries(entry(2, reply(1, 'Done.', 'done'))), delta(3, 'x'))).toBe(
      'Done.',
    );
  });

  it('keeps messages in the order of their numbers, older pages in front', () => {
    const state = fold(snapshot(9, [said(5, 'five'), said(6, 'six')], true));
    addOlder(state, {
      messages: [said(3, 'three'), said(5, 'five')],
      hasOlder: false,
      hasNewer: true,
    });
    expect(state.messages.map((message) => message.seq)).toEqual([3, 5, 6]);
    expect(state.hasOlder).toBe(false);
  });

  it('takes an acknowledged command out of the outbox, and keeps a refused one’s text', () => {
    const state = emptyState();
    const command = { type: 'send' as const, id: `${ID}0`, text: 'kept' };
    state.pending = [{ command, at: 1, person: null }];
    reduce(state, { type: 'refused', id: command.id, code: 'too_long', text: 'Too long.' });
    expect(state.pending).toEqual([]);
    expect(state.refusals).toEqual([{ command, text: 'Too long.' }]);
    state.pending = [{ command, at: 1, person: null }];
    reduce(state, { type: 'ack', id: command.id, seq: 1 });
    expect(state.pending).toEqual([]);
  });

  it('remembers which item a decision was taken about, until its outcome comes', () => {
    const state = emptyState();
    const item = (id: string, taskId: string) => ({
      id,
      taskId,
      title: 'Add it',
      repository: 'acme/todo',
      at: 1,
      outcome: null,
      kind: 'failure' as const,
      reason: 'It broke.',
    });
    state.inbox = { one: item('one', 't1'), two: item('two', 't2') };
    const asked = { do: 'retry', from: 'checkpoint' } as const;
    const command = { type: 'task' as const, id: `${ID}0`, taskId: 't2', command: asked };
    state.pending = [{ command, at: 1, person: null }];
    reduce(state, { type: 'ack', id: command.id, seq: null });
    expect(state.decided).toEqual(['two']);
  });
});
