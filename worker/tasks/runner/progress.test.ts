import { describe, expect, it } from 'vitest';
import { noteOf, timeOf } from './progress.ts';
import { DELIVERED } from '../testing/records.ts';

describe('the line that says what a task does now', () => {
  it.each([
    [{ type: 'step', text: 'Cloned demo/tasks' }, 'Cloned demo/tasks'],
    [
      { type: 'text', parent: null, text: 'I will look\n  at the list first.' },
      'I will look at the list first.',
    ],
    [{ type: 'commit', commit: 'c'.repeat(40), title: 'Add a flag' }, 'Committed: Add a flag'],
    [{ type: 'steered', text: 'Use tabs.' }, 'Read your message'],
  ] as const)('follows $type', (body, note) => {
    expect(noteOf(body)).toBe(note);
  });

  it('names a tool and what it is used on, not its input', () => {
    const body = {
      type: 'tool_call',
      parent: null,
      toolUseId: 't',
      tool: 'Bash',
      title: 'npm test',
      input: '{"command":"npm test"}',
      truncated: false,
    } as const;
    expect(noteOf(body)).toBe('Bash: npm test');
  });

  it('stays as it is for results and for empty text', () => {
    const output = { parent: null, isError: false, output: 'ok', truncated: false };
    expect(noteOf({ type: 'tool_result', toolUseId: 't', ...output })).toBeNull();
    expect(noteOf({ type: 'result', result: DELIVERED })).toBeNull();
    expect(noteOf({ type: 'text', parent: null, text: ' \n ' })).toBeNull();
  });

  it('is one short line, cut with an ellipsis', () => {
    const note = noteOf({ type: 'text', parent: null, text: 'word '.repeat(100) }) ?? '';
    expect(note).toHaveLength(140);
    expect(note.endsWith('…')).toBe(true);
  });

  it('is not cut inside a character', () => {
    const note = noteOf({
      type: 'text',
      parent: null,
      text: `${'x'.repeat(138)}😀${'y'.repeat(10)}`,
    });
    expect(note?.isWellFormed()).toBe(true);
  });
});

it.each([
  ['a little ahead', 1_800_000_000_000, 1_799_999_990_000, 1_800_000_000_000],
  ['in another age', Number.MAX_SAFE_INTEGER, 1_799_999_990_000, 1_799_999_990_000],
  ['of 1970', 0, 1_799_999_990_000, 1_799_999_990_000],
])('a sandbox’s clock that is %s is taken for what it is', (_, at, now, taken) => {
  expect(timeOf(at, now)).toBe(taken);
});
