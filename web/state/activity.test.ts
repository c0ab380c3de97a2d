import { describe, expect, it } from 'vitest';
import type { TaskEvent } from '../../protocol/task-event.ts';
import { type ActivityRow, addEvents } from './activity.ts';

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

it('a result goes to the row of its call', () => {
  const call = {
    type: 'tool_call',
    toolUseId: 'a',
    tool: 'Bash',
    title: 'ls',
    input: '{}',
    truncated: false,
  } as const;
  const result = {
    type: 'tool_result',
    toolUseId: 'a',
    isError: false,
    output: 'x',
    truncated: false,
  } as const;
  expect(rowsOf(call, { type: 'step', text: 's' }, result)).toMatchObject([
    { is: 'tool', result: { output: 'x' } },
    { is: 'other' },
  ]);
});
