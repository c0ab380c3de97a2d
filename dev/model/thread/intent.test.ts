import { expect, it } from 'vitest';
import type { Context } from './context.ts';
import { intentOf } from './intent.ts';

const IDLE: Context = { repositories: [], openTasks: [], waiting: [], summary: '' };
const BUSY: Context = {
  ...IDLE,
  openTasks: [{ id: '1', title: 'Add a --json flag', status: 'Working', repository: 'acme/todo' }],
};

it.each([
  ['Add a --json flag to the list command', 'work'],
  ['Can you add a remove command to todo?', 'work'],
  ['Let’s not talk. Fix the crash in done.', 'work'],
  ['todo done 7 crashes with a stack trace', 'work'],
  ['the list command should have a --json flag', 'work'],
  ['I want you to write a blog post on the website', 'work'],
  ['Fix done when the number is out of range', 'work'],
  ['How is it going?', 'status'],
  ['what are you doing', 'status'],
  ['status', 'status'],
  ['any news?', 'status'],
  ['Is the json flag done?', 'status'],
  ['show me the tasks', 'status'],
  ['Can you see the status of my tasks?', 'status'],
  ['cancel the dark mode task', 'cancel'],
  ['Please stop it', 'cancel'],
  ['cancel everything', 'cancel'],
  ['tell the export task to also mention it in the README', 'steer'],
  ['for the json task: name the flag --as-json', 'steer'],
  ['which repositories can you see?', 'repositories'],
  ['what did I say at the start about the deployment window?', 'recall'],
  ['what was the codeword?', 'recall'],
  ["What's the codeword", 'recall'],
  ['Do you remember my name?', 'recall'],
  ['The codeword is heron.', 'remember'],
  ['Remember that we deploy on Tuesdays only', 'setting'],
  ['Work on at most three tasks at once', 'setting'],
  ['The budget of a task shall be $2', 'setting'],
  ['Raise the budget of the export task to $10', 'raise'],
  ['Set the budget of a day to $50', 'setting'],
  ['Change the default port to 8080', 'work'],
  ['Message number 17: the weather is fine.', 'remember'],
  ['help', 'help'],
  ['what can you do?', 'help'],
  ['Which model are you?', 'help'],
  ['hi', 'greeting'],
  ['Still there?', 'greeting'],
  ['thanks!', 'thanks'],
  ['Blue.', 'unclear'],
])('understands “%s” as %s', (words, is) => {
  expect(intentOf(words, IDLE).is).toBe(is);
});

it('takes an afterthought as steering while one task is at work', () => {
  expect(intentOf('also mention it in the README', BUSY)).toEqual({
    is: 'steer',
    about: '',
    text: 'also mention it in the README',
  });
  expect(intentOf('name the flag --as-json', BUSY).is).toBe('steer');
});

it('takes new work as work, whatever is going on', () => {
  expect(intentOf('Also add dark mode to the site', BUSY).is).toBe('work');
});

it('takes no afterthought as steering when it could mean two tasks', () => {
  const two = { ...BUSY, openTasks: [...BUSY.openTasks, ...BUSY.openTasks] };
  expect(intentOf('also mention it in the README', two).is).not.toBe('steer');
});

it('finds the task that a question, an instruction or a cancellation is about', () => {
  expect(intentOf('How is the dark mode task going?', IDLE)).toMatchObject({ about: 'dark mode' });
  expect(intentOf('tell the export task to hurry', IDLE)).toMatchObject({
    about: 'export',
    text: 'hurry',
  });
  expect(intentOf('cancel the dark mode task', IDLE)).toMatchObject({
    about: 'the dark mode task',
    all: false,
  });
  expect(intentOf('cancel everything', IDLE)).toMatchObject({ about: '', all: true });
});
