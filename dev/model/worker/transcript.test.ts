import { expect, it } from 'vitest';
import { readCall } from '../wire/request.ts';
import { gatherFacts, textOfRead } from './facts.ts';
import { readTranscript } from './transcript.ts';

const ENVIRONMENT = {
  role: 'system',
  content: '# Environment\n - Primary working directory: /somewhere/todo\n - Platform: linux',
};
const task = (text: string) => ({
  role: 'user',
  content: [
    { type: 'text', text: '<system-reminder>\nCurrent branch: main\n</system-reminder>' },
    { type: 'text', text },
  ],
});
const use = (id: string, name: string, input: object) => ({
  role: 'assistant',
  content: [{ type: 'tool_use', id, name, input }],
});
const result = (id: string, content: string, is_error = false) => ({
  role: 'user',
  content: [{ type: 'tool_result', tool_use_id: id, content, is_error }],
});
const meanwhile = (text: string) => ({
  role: 'system',
  content: `The user sent a new message while you were working:\n${text}\n\nThis is how Claude Code surfaces messages the user sends mid-turn.`,
});

function read(...messages: object[]) {
  const call = readCall({ model: 'm', messages });
  if (call === null) throw new Error('not a request');
  return readTranscript(call);
}

it('finds where it works, what it was asked, and what its tools said', () => {
  const transcript = read(
    task('Add a remove command'),
    ENVIRONMENT,
    use('1', 'Bash', { command: 'ls' }),
    result('1', 'Exit code 2\nno', true),
  );
  expect(transcript).toMatchObject({ cwd: '/somewhere/todo', task: 'Add a remove command' });
  expect(transcript.rounds).toEqual([
    { name: 'Bash', input: { command: 'ls' }, result: 'Exit code 2\nno', failed: true },
  ]);
});

it('hears remarks in mid-turn, and knows which it has answered', () => {
  const transcript = read(
    task('Add a remove command'),
    meanwhile('call it rm'),
    { role: 'assistant', content: 'Noted: “call it rm”.' },
    meanwhile('and test it'),
  );
  expect(transcript.remarks).toEqual([
    { text: 'call it rm', heard: true },
    { text: 'and test it', heard: false },
  ]);
});

it('takes no notice of the machinery for a remark', () => {
  const { task: asked, remarks } = read(
    task('Add a remove command\n\nAn earlier sandbox has begun this work: look at it.'),
    { role: 'assistant', content: 'Yes.' },
    {
      role: 'user',
      content: '[structured-output-enforce] You MUST call the StructuredOutput tool',
    },
    { role: 'user', content: 'Your sandbox was replaced. Go on with the task.' },
  );
  expect(asked).toBe('Add a remove command');
  expect(remarks).toEqual([]);
});

it('forgets what tools said before the person began a new turn', () => {
  const { rounds } = read(
    task('Add a remove command'),
    use('1', 'Bash', { command: 'ls' }),
    result('1', 'a.js'),
    { role: 'assistant', content: 'Done.' },
    { role: 'user', content: 'Your sandbox was replaced.' },
  );
  expect(rounds).toEqual([]);
});

it('reads a file out of numbered lines, as it is', () => {
  const text = 'one\n\n\tthree\n';
  const numbered = text.split('\n').map((line, index) => `${index + 1}\t${line}`);
  expect(textOfRead(`${numbered.join('\n')}\n<system-reminder>be careful</system-reminder>`)).toBe(
    text,
  );
});

it('does not trust what it knew of a file whose edit was refused', () => {
  const { rounds, cwd } = read(
    task('Add a remove command'),
    ENVIRONMENT,
    use('1', 'Read', { file_path: '/somewhere/todo/a.js' }),
    result('1', '1\told'),
    use('2', 'Edit', { file_path: '/somewhere/todo/a.js', old_string: 'old', new_string: 'new' }),
    result('2', '<tool_use_error>File has been modified since read</tool_use_error>', true),
  );
  const facts = gatherFacts(cwd, rounds);
  expect(facts.texts.has('a.js')).toBe(false);
  expect(facts.paths.has('a.js')).toBe(true);
  expect(facts.refusals.get('a.js')).toBe(1);
  expect(facts.dirty).toBe(false);
});
