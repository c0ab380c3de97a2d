import { expect, it } from 'vitest';
import { type Entry, matching } from './entries.ts';

const entry = (label: string, note = '', also = ''): Entry => ({
  id: label,
  label,
  note,
  icon: 'chat',
  also,
  to: '/',
});
const ENTRIES = [
  entry('Stop the reply'),
  entry('Inbox', 'g i'),
  entry('Tasks of acme/todo'),
  entry('Add a --json flag', 'Working', 'acme/todo'),
  entry('Export tasks', 'Done', 'acme/site'),
  entry('Multitasking', 'Done'),
];
const found = (typed: string) => matching(ENTRIES, typed).map(({ label }) => label);

it('without a word all are offered, in their order', () => {
  expect(found('')).toHaveLength(6);
  expect(found('  ')[0]).toBe('Stop the reply');
});

it('what begins so is first, then what has such a word, then what holds it', () => {
  expect(found('task')).toEqual(['Tasks of acme/todo', 'Export tasks', 'Multitasking']);
});

it('all that was typed has to be there, wherever it stands', () => {
  expect(found('todo work')).toEqual(['Add a --json flag']);
  expect(found('todo')).toEqual(['Tasks of acme/todo', 'Add a --json flag']);
  expect(found('nowhere')).toEqual([]);
});

it('what says it itself comes before what is only found by it', () => {
  const section = entry('Appearance', 'Settings', 'theme dark');
  const entries = [section, entry('Appearance: dark')];
  expect(matching(entries, 'appearance dark').map(({ label }) => label)).toEqual([
    'Appearance: dark',
    'Appearance',
  ]);
});

it('the list has an end', () => {
  const many = Array.from({ length: 300 }, (_, at) => entry(`Task ${at}`));
  expect(matching(many, 'task')).toHaveLength(30);
});
