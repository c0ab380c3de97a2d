import { expect, it } from 'vitest';
import type { MailboxItem } from '../protocol/runner.ts';
import { Desk } from './desk.ts';
import { Input } from './input.ts';

const message = (id: string): Extract<MailboxItem, { type: 'message' }> => ({
  type: 'message',
  id,
  text: `Say ${id}`,
});
const answer = (toolUseId: string) =>
  ({ type: 'answer', id: `answer-${toolUseId}`, toolUseId, answers: { 'Which?': 'CSV' } }) as const;

function openDesk() {
  const acknowledged: string[] = [];
  const steered: string[] = [];
  const desk = new Desk({
    acknowledge: (id) => acknowledged.push(id),
    onSteered: ({ text }) => steered.push(text),
  });
  return { desk, acknowledged, steered };
}

function turn(hold = false) {
  const input = new Input();
  let interrupts = 0;
  return { input, hold, interrupt: () => void interrupts++, interrupts: () => interrupts };
}

async function taken(input: Input, count: number): Promise<unknown[]> {
  const texts: unknown[] = [];
  for await (const { message: said } of input) {
    texts.push(said.content);
    if (texts.length === count) break;
  }
  return texts;
}

it('a message is acknowledged when Claude Code takes it, not before', async () => {
  const { desk, acknowledged, steered } = openDesk();
  const running = turn();
  desk.begin(running);
  desk.take(message('a'));
  expect(acknowledged).toEqual([]);
  expect(await taken(running.input, 1)).toEqual(['Say a']);
  expect(acknowledged).toEqual(['a']);
  expect(steered).toEqual(['Say a']);
});

it('what came between two turns goes into the next one, in its order', async () => {
  const { desk } = openDesk();
  desk.take(message('a'));
  desk.take(message('b'));
  const running = turn();
  desk.begin(running);
  expect(await taken(running.input, 2)).toEqual(['Say a', 'Say b']);
});

it('nothing comes before the decision that Claude Code waits for', async () => {
  const { desk, acknowledged } = openDesk();
  desk.take(message('a'));
  const running = turn(true);
  desk.begin(running);
  desk.take(message('b'));
  expect(running.input.pending).toBe(false);
  desk.release();
  expect(await taken(running.input, 2)).toEqual(['Say a', 'Say b']);
  expect(acknowledged).toEqual(['a', 'b']);
});

it('what a turn did not take before its end is first in line for the next', async () => {
  const { desk, acknowledged } = openDesk();
  const first = turn();
  desk.begin(first);
  desk.take(message('a'));
  first.input.close();
  desk.take(message('b'));
  desk.end();
  expect(acknowledged).toEqual([]);
  expect(desk.next()).toEqual(message('a'));
  expect(desk.next()).toEqual(message('b'));
  expect(desk.next()).toBeNull();
});

it('a decision is waited for by its tool call', async () => {
  const { desk } = openDesk();
  const decided = desk.decision('call-2');
  desk.take(answer('call-1'));
  desk.take(answer('call-2'));
  expect(await decided).toEqual({ is: 'decided', decided: answer('call-2') });
});

it('the word to park ends a wait, and comes after a decision that was there before', async () => {
  const { desk, acknowledged } = openDesk();
  const word = desk.word();
  desk.take(answer('call-1'));
  desk.take({ type: 'park', id: 'park' });
  expect(await word).toBe('park');
  expect(await desk.decision('call-1')).toMatchObject({ is: 'decided' });
  expect(await desk.decision('call-2')).toBe('park');
  expect(acknowledged).toEqual(['park']);
});

it('an interrupt stops the turn that runs, and nothing between two turns', () => {
  const { desk, acknowledged } = openDesk();
  desk.take({ type: 'interrupt', id: 'early' });
  const running = turn();
  desk.begin(running);
  desk.take({ type: 'interrupt', id: 'now' });
  expect(running.interrupts()).toBe(1);
  expect(acknowledged).toEqual(['early', 'now']);
});
