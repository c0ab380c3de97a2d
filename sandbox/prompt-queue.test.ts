import { expect, it } from 'vitest';
import type { MailboxItem } from '../protocol/runner.ts';
import { PromptQueue } from './prompt-queue.ts';
import { Input } from './input.ts';

const message = (id: string): Extract<MailboxItem, { type: 'message' }> => ({
  type: 'message',
  id,
  text: `Say ${id}`,
});
const answer = (toolUseId: string) =>
  ({ type: 'answer', id: `answer-${toolUseId}`, toolUseId, answers: { 'Which?': 'CSV' } }) as const;

function openQueue() {
  const acknowledged: string[] = [];
  const steered: string[] = [];
  const prompts = new PromptQueue({
    acknowledge: (id) => acknowledged.push(id),
    onSteered: ({ text }) => steered.push(text),
  });
  return { prompts, acknowledged, steered };
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
  const { prompts, acknowledged, steered } = openQueue();
  const running = turn();
  prompts.begin(running);
  prompts.take(message('a'));
  expect(acknowledged).toEqual([]);
  expect(await taken(running.input, 1)).toEqual(['Say a']);
  expect(acknowledged).toEqual(['a']);
  expect(steered).toEqual(['Say a']);
});

it('what came between two turns goes into the next one, in its order', async () => {
  const { prompts } = openQueue();
  prompts.take(message('a'));
  prompts.take(message('b'));
  const running = turn();
  prompts.begin(running);
  expect(await taken(running.input, 2)).toEqual(['Say a', 'Say b']);
});

it('nothing comes before the decision that Claude Code waits for', async () => {
  const { prompts, acknowledged } = openQueue();
  prompts.take(message('a'));
  const running = turn(true);
  prompts.begin(running);
  prompts.take(message('b'));
  expect(running.input.pending).toBe(false);
  prompts.release();
  expect(await taken(running.input, 2)).toEqual(['Say a', 'Say b']);
  expect(acknowledged).toEqual(['a', 'b']);
});

it('what a turn did not take before its end is first in line for the next', async () => {
  const { prompts, acknowledged } = openQueue();
  const first = turn();
  prompts.begin(first);
  prompts.take(message('a'));
  first.input.close();
  prompts.take(message('b'));
  prompts.end();
  expect(acknowledged).toEqual([]);
  expect(prompts.next()).toEqual(message('a'));
  expect(prompts.next()).toEqual(message('b'));
  expect(prompts.next()).toBeNull();
});

it('a decision is waited for by its tool call', async () => {
  const { prompts } = openQueue();
  const decided = prompts.decision('call-2');
  prompts.take(answer('call-1'));
  prompts.take(answer('call-2'));
  expect(await decided).toEqual({ is: 'decided', decided: answer('call-2') });
});

it('the word to park ends a wait, and comes after a decision that was there before', async () => {
  const { prompts, acknowledged } = openQueue();
  const word = prompts.word();
  prompts.take(answer('call-1'));
  prompts.take({ type: 'park', id: 'park' });
  expect(await word).toBe('park');
  expect(await prompts.decision('call-1')).toMatchObject({ is: 'decided' });
  expect(await prompts.decision('call-2')).toBe('park');
  expect(acknowledged).toEqual(['park']);
});

it('an interrupt stops the turn that runs, and nothing between two turns', () => {
  const { prompts, acknowledged } = openQueue();
  prompts.take({ type: 'interrupt', id: 'early' });
  const running = turn();
  prompts.begin(running);
  prompts.take({ type: 'interrupt', id: 'now' });
  expect(running.interrupts()).toBe(1);
  expect(acknowledged).toEqual(['early', 'now']);
});
