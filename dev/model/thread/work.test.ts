import { describe, expect, it } from 'vitest';
import type { Context } from './context.ts';
import { worksOf } from './work.ts';

const CONTEXT: Context = {
  repositories: [
    {
      name: 'acme/todo',
      description: 'A to-do list for the command line, kept in one JSON file.',
      usual: null,
    },
    {
      name: 'acme/site',
      description: 'The Acme website, and the generator that builds it.',
      usual: null,
    },
  ],
  openTasks: [],
  waiting: [],
  summary: '',
};

const short = (words: string) =>
  worksOf(words, CONTEXT).map(({ repository, title, model }) => [repository, title, model]);

describe('a request in one message', () => {
  it('keeps the words and leaves the model out', () => {
    expect(worksOf('Add a --json flag to the list command', CONTEXT)).toEqual([
      {
        mode: 'direct',
        repository: 'acme/todo',
        title: 'Add a --json flag to the list command',
        prompt: expect.stringMatching(/^Add a --json flag to the list command\.\n/),
      },
    ]);
  });

  it('takes the model from the words, and takes those words away', () => {
    expect(short('Fix done when the number is out of range, use haiku for this one')).toEqual([
      ['acme/todo', 'Fix done when the number is out of range', 'haiku'],
    ]);
    expect(short('use sonnet to write a changelog for acme/site')).toEqual([
      ['acme/site', 'Write a changelog', 'sonnet'],
    ]);
    expect(short('Refactor the store in acme/todo with opus')).toEqual([
      ['acme/todo', 'Refactor the store', 'opus'],
    ]);
  });

  it('leaves the courtesies away', () => {
    expect(short('Could you please add dark mode to the site?')).toEqual([
      ['acme/site', 'Add dark mode to the site', undefined],
    ]);
  });

  it('keeps tests and documentation with the piece that they belong to', () => {
    const [work, ...more] = worksOf('Add a remove command and write a test for it', CONTEXT);
    expect(more).toEqual([]);
    expect(work?.title).toBe('Add a remove command');
    expect(work?.prompt).toContain('Write a test for it');
  });

  it('cuts a long title at a word', () => {
    const [work] = worksOf(`Add ${'very '.repeat(30)}long lines`, CONTEXT);
    expect(work?.title.length).toBeLessThanOrEqual(62);
    expect(work?.title).toMatch(/very …$/);
  });
});

describe('the repository', () => {
  it('is the one that is named, known or not', () => {
    expect(short('Add a dark mode in acme/nowhere')).toEqual([
      ['acme/nowhere', 'Add a dark mode', undefined],
    ]);
  });

  it('is not a file that is named', () => {
    expect(short('Refactor src/cli.js')[0]?.[0]).toBe('acme/todo');
  });

  it('fits the words when none is named', () => {
    expect(short('Add dark mode')[0]?.[0]).toBe('acme/site');
    expect(short('Improve everything')[0]?.[0]).toBe('acme/todo');
  });

  it('is one of the demo repositories when the prompt lists none', () => {
    const unknown = { ...CONTEXT, repositories: [] };
    expect(worksOf('Improve it', unknown)[0]?.repository).toBe('acme/todo');
    expect(worksOf('Add dark mode to the site', unknown)[0]?.repository).toBe('acme/site');
  });

  it('is one of those there are, when the usual one is not', () => {
    const repositories = [{ name: 'me/thing', description: '', usual: null }];
    expect(worksOf('Improve it', { ...CONTEXT, repositories })[0]?.repository).toBe('me/thing');
  });
});

describe('several pieces of work in one message', () => {
  it('are a task each, with the model that was named for each', () => {
    expect(short('Add a remove command with sonnet and then add due dates with haiku')).toEqual([
      ['acme/todo', 'Add a remove command', 'sonnet'],
      ['acme/todo', 'Add due dates', 'haiku'],
    ]);
  });

  it('share a model that is named for all of them', () => {
    const message =
      'Make three changes: add a --json flag to list, fix the crash in done, add dark mode to the site. Use haiku for all of them.';
    expect(short(message)).toEqual([
      ['acme/todo', 'Add a --json flag to list', 'haiku'],
      ['acme/todo', 'Fix the crash in done', 'haiku'],
      ['acme/site', 'Add dark mode to the site', 'haiku'],
    ]);
  });

  it('may come as a list', () => {
    const message = 'Please do these:\n1. Add a remove command\n2. Add due dates\n3. Add dark mode';
    expect(short(message).map(([, title]) => title)).toEqual([
      'Add a remove command',
      'Add due dates',
      'Add dark mode',
    ]);
  });
});

describe('how a piece of work begins', () => {
  it.each([
    ['Add a --json flag to the list command', 'direct'],
    ['Add an export command', 'plan'],
    ['Refactor the store', 'plan'],
    ['Add an export command, just do it', 'direct'],
    ['Add a --json flag to the list command. Plan it first, please', 'plan'],
  ])('%s: %s', (words, mode) => {
    const [work] = worksOf(words, CONTEXT);
    expect(work).toMatchObject({ mode });
    expect(work?.title).not.toMatch(/just do it|plan it/i);
  });
});
