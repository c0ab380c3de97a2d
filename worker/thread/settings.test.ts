import { describe, expect, it } from 'vitest';
import {
  DEFAULT_REPOSITORY_SETTINGS,
  DEFAULT_SETTINGS,
  MEMORY_MAX,
  type Settings,
} from '../../protocol/settings.ts';
import { changed, contextFor, workerModelOf } from './settings.ts';
import { idOf } from './testing/facts.ts';

function withNotes(count: number): Settings {
  const memory = Array.from({ length: count }, (_, place) => ({
    id: idOf(place),
    text: `Note ${place}`,
    repository: null,
    at: 1,
  }));
  return { ...DEFAULT_SETTINGS, memory };
}

describe('a note', () => {
  const note = { id: idOf(500), text: 'Target the release branch', repository: null };

  it('is added, changed in its place, and forgotten', () => {
    const added = changed(withNotes(1), { is: 'remember', note }, 2);
    if (typeof added === 'string') throw new Error(added);
    expect(added.memory[1]).toEqual({ ...note, at: 2 });
    const again = changed(added, { is: 'remember', note: { ...note, text: 'Target main' } }, 3);
    expect(again).toMatchObject({ memory: [{}, { text: 'Target main', at: 3 }] });
    expect(changed(added, { is: 'forget', noteId: note.id }, 4)).toMatchObject({
      memory: [{ text: 'Note 0' }],
    });
  });

  it('that is one too many, or is not there, is refused in words', () => {
    expect(changed(withNotes(MEMORY_MAX), { is: 'remember', note }, 2)).toContain('Delete one');
    expect(changed(withNotes(1), { is: 'forget', noteId: note.id }, 2)).toContain('no such note');
  });
});

describe('a variable', () => {
  const withNames = (...names: string[]) => ({
    ...DEFAULT_REPOSITORY_SETTINGS,
    variables: names.map((name) => ({ name, value: '1', during: 'work' as const })),
  });
  const set = (settings: Settings, ...names: string[]) =>
    changed(settings, { is: 'repository', repository: 'a/b', settings: withNames(...names) }, 1);

  it.each(['__proto__', 'constructor', 'toString'])(
    'whose name means something else to programs is refused in words: %s',
    (name) => {
      expect(set(DEFAULT_SETTINGS, 'CI', name)).toBe(
        `${name} means something else to programs. Take another name.`,
      );
      expect(Object.getPrototypeOf(DEFAULT_SETTINGS.repositories)).toBe(Object.prototype);
    },
  );

  it('that was there before its name was refused does not keep others from being set', () => {
    const before = { ...DEFAULT_SETTINGS, repositories: { 'a/b': withNames('__proto__') } };
    expect(set(before, '__proto__', 'CI')).toMatchObject({
      repositories: { 'a/b': { variables: [{ name: '__proto__' }, { name: 'CI' }] } },
    });
    expect(set(before, '__proto__', 'constructor')).toContain('constructor means something else');
  });
});

it('a worker is told what holds everywhere and in its repository, and nothing of others', () => {
  const settings: Settings = {
    ...DEFAULT_SETTINGS,
    instructions: 'Write plain English.',
    repositories: {
      'a/b': { ...DEFAULT_REPOSITORY_SETTINGS, instructions: 'Run make test.' },
      'a/c': { ...DEFAULT_REPOSITORY_SETTINGS, instructions: 'Use yarn.' },
    },
    memory: [
      { id: idOf(1), text: 'Release on Tuesdays', repository: null, at: 1 },
      { id: idOf(2), text: 'Target release', repository: 'a/b', at: 1 },
      { id: idOf(3), text: 'Target dev', repository: 'a/c', at: 1 },
    ],
  };
  expect(contextFor(settings, 'a/b')).toBe(
    'Write plain English.\n\nRun make test.\n\n- Release on Tuesdays\n- Target release',
  );
  expect(contextFor(DEFAULT_SETTINGS, 'a/b')).toBe('');
});

it('a repository’s own model goes before the one for all, which is opus until another is chosen', () => {
  expect(workerModelOf(DEFAULT_SETTINGS, 'a/b')).toBe('opus');
  const settings = changed(DEFAULT_SETTINGS, { is: 'model', model: 'sonnet' }, 1);
  if (typeof settings === 'string') throw new Error(settings);
  expect(workerModelOf(settings, 'a/b')).toBe('sonnet');
  const own = { ...DEFAULT_REPOSITORY_SETTINGS, model: 'haiku' } as const;
  const repositories = { 'a/b': own };
  expect(workerModelOf({ ...settings, repositories }, 'a/b')).toBe('haiku');
  expect(workerModelOf({ ...settings, repositories }, 'a/c')).toBe('sonnet');
});
