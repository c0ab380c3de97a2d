import { expect, it } from 'vitest';
import type { Message } from '../../protocol/message.ts';
import { KeptState } from '../net/kept-state.ts';
import { forgetPerson, showKept, toKeep } from './kept.ts';
import { type State, emptyState } from './state.ts';

const INSTALLATION = {
  person: 'ana@example.com',
  offlineModel: null,
  noSecrets: null,
  gitHost: 'https://github.com',
};
const said = (seq: number): Message => ({
  id: `01ARZ3NDEKTSV4RRFFQ69G${String(seq).padStart(4, '0')}`,
  from: 'person',
  text: `Number ${seq}`,
  at: seq,
  seq,
});

function live(messages: number): State {
  const all = Array.from({ length: messages }, (_, at) => said(at + 1));
  return { ...emptyState(), installation: INSTALLATION, cursor: 77, messages: all, shown: 'live' };
}

it('what is kept can be read again and shows the same', () => {
  const kept = toKeep(live(3), 1_000);
  const read = KeptState.parse(structuredClone(kept));
  const state = emptyState();
  showKept(state, read);
  expect(state).toMatchObject({ shown: 'kept', asOf: 1_000, cursor: 77, hasOlder: false });
  expect(state.messages.map(({ seq }) => seq)).toEqual([1, 2, 3]);
});

it('a long conversation is kept at its end, and says that there is more', () => {
  const kept = toKeep(live(500), 1_000);
  expect(kept?.snapshot.messages).toHaveLength(50);
  expect(kept?.snapshot.messages.at(-1)).toEqual(said(500));
  expect(kept?.snapshot.hasOlder).toBe(true);
});

it('before the server has said who is here, nothing is kept', () => {
  expect(toKeep(emptyState(), 1_000)).toBeNull();
});

it('what the server has said is not replaced by what was kept', () => {
  const kept = toKeep(live(3), 1_000);
  const state = live(5);
  if (kept !== null) showKept(state, kept);
  expect(state.messages).toHaveLength(5);
});

it('of another person nothing stays on the page', () => {
  const state = live(3);
  const command = { type: 'send' as const, id: said(9).id, text: 'Mine' };
  state.pending = [{ command, at: 1, person: 'ana@example.com' }];
  state.connection = 'Online';
  forgetPerson(state);
  expect(state).toEqual({ ...emptyState(), connection: 'Online' });
});
