import { describe, expect, it } from 'vitest';
import type { TaskEvent } from '../../protocol/task-event.ts';
import {
  type ActivityRow,
  addEvents,
  callsAround,
  failureOf,
  lastLine,
  nested,
  rowOf,
} from './activity.ts';

const rowsOf = (...bodies: TaskEvent['body'][]): ActivityRow[] =>
  addEvents(
    [],
    bodies.map((body, at) => ({ number: at + 1, at, body })),
  );

const ended = {
  type: 'setup_ended',
  outcome: 'done',
  exitCode: 0,
  durationMs: 1_000,
  secretsIn: [] as string[],
} as const;
const output = (text: string) => ({ type: 'setup_output', text }) as const;

it('what a person said stands once: where it was said, and not where it has come to the worker', () => {
  const message = { type: 'message', text: 'Keep it short.' } as const;
  const told = (text: string) => ({ type: 'steered', text }) as const;
  const rows = rowsOf(message, told('Keep it short.'), told('Review: rename it.'));
  expect(rows.map((row) => (row.is === 'other' ? row.body : null))).toEqual([
    message,
    told(''),
    told('Review: rename it.'),
  ]);
});

describe('a set-up', () => {
  it('is one row, with its output as it comes and its end', () => {
    const running = [{ type: 'setup_began' } as const, output('one\n'), output('two\n')];
    expect(rowsOf(...running)).toMatchObject([{ is: 'setup', output: 'one\ntwo\n', end: null }]);
    expect(rowsOf(...running, ended)).toMatchObject([{ is: 'setup', number: 1, end: ended }]);
  });

  it('of another sandbox is another row', () => {
    const restored = { ...ended, outcome: 'restored' } as const;
    const rows = rowsOf(
      { type: 'setup_began' },
      ended,
      restored,
      { type: 'setup_began' },
      output('x'),
    );
    expect(rows).toMatchObject([
      { end: { outcome: 'done' } },
      { end: { outcome: 'restored' } },
      { end: null, output: 'x' },
    ]);
  });

  it('that says something after its end, or without a beginning, says nothing', () => {
    expect(rowsOf(output('x'))).toEqual([]);
    expect(rowsOf({ type: 'setup_began' }, ended, output('x'))).toMatchObject([{ output: '' }]);
  });
});

const call = (toolUseId: string, parent: string | null = null) =>
  ({
    type: 'tool_call',
    toolUseId,
    parent,
    tool: 'Bash',
    title: 'ls',
    input: '{}',
    truncated: false,
  }) as const;
const result = (toolUseId: string, answer = 'x', isError = false) =>
  ({
    type: 'tool_result',
    toolUseId,
    parent: null,
    isError,
    output: answer,
    truncated: false,
  }) as const;
const said = (text: string, parent: string | null) => ({ type: 'text', text, parent }) as const;

it('a result goes to the row of its call, with the number of its own line', () => {
  expect(rowsOf(call('a'), { type: 'step', text: 's' }, result('a'))).toMatchObject([
    { is: 'tool', number: 1, result: { number: 3, body: { output: 'x' } } },
    { is: 'other' },
  ]);
});

it('a result finds its call also when that comes with an older page', () => {
  const events = [call('a'), result('a')].map((body, at) => ({ number: at + 1, at, body }));
  expect(addEvents([], events.slice(1))).toEqual([]);
  expect(addEvents([], events)).toMatchObject([{ result: { number: 2 } }]);
});

describe('what a sub-agent did', () => {
  const rows = rowsOf(
    call('agent'),
    call('inner', 'agent'),
    said('looked', 'agent'),
    call('deep', 'inner'),
    call('after'),
    call('orphan', 'elsewhere'),
  );
  const shown = (...open: string[]) =>
    nested(rows, (id) => open.includes(id)).shown.map(({ number }) => number);

  it('is folded below its call, at any depth, and counted there', () => {
    expect(shown()).toEqual([1, 5, 6]);
    const { steps } = nested(rows, () => false);
    expect([...steps]).toEqual([
      ['inner', 1],
      ['agent', 3],
    ]);
  });

  it('stands below its call, further in, where that is open', () => {
    expect(shown('agent')).toEqual([1, 2, 3, 5, 6]);
    expect(shown('agent', 'inner')).toEqual([1, 2, 4, 3, 5, 6]);
    const { depths } = nested(rows, () => true);
    expect([...depths]).toEqual([
      [2, 1],
      [4, 2],
      [3, 1],
    ]);
  });

  it('stands for itself while its call is not here', () => {
    expect(shown('elsewhere')).toContain(6);
  });

  it('lies in no ring, whatever ids say', () => {
    const ring = rowsOf(call('a', 'b'), call('b', 'a'), call('c', 'c'));
    expect(nested(ring, () => true).shown).toEqual([]);
    expect(callsAround(ring, 1)).toEqual(['b', 'a']);
  });

  it('names the calls that have to be open for a line to be seen', () => {
    expect(callsAround(rows, 4)).toEqual(['inner', 'agent']);
    expect(callsAround(rows, 5)).toEqual([]);
  });
});

it('a line is shown in its own row, or in that of its call or its set-up', () => {
  const rows = rowsOf(call('a'), result('a'), { type: 'setup_began' }, output('x'), ended);
  expect([1, 2, 3, 4, 5].map((number) => rowOf(rows, number)?.number)).toEqual([1, 1, 3, 3, 3]);
  expect(rowOf([], 1)).toBeUndefined();
});

it('what was not allowed is refused, and what went wrong has failed', () => {
  const failure = (text: string, isError = true) =>
    failureOf({ number: 1, at: 1, body: result('a', text, isError) });
  expect(failure('You are planning: change no files before the plan is approved.')).toBe('refused');
  expect(failure('2 tests failed')).toBe('failed');
  expect(failure('Permission to do much', false)).toBeNull();
});

it('the last line of an output is the last in which something stands', () => {
  expect(lastLine('one\n  two \n\n')).toBe('two');
  expect(lastLine('')).toBe('');
});
