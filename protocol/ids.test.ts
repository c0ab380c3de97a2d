import { describe, expect, it } from 'vitest';
import { BranchName, CommitId, RepositoryName, Ulid } from './ids.ts';

/** What an attacker would like a clone or a push to be called with. */
const HOSTILE: Record<string, string> = {
  'an option with a value': '--upload-pack=touch x',
  'an option with a value and a path': '--upload-pack=x/y',
  'a short option': '-u',
  'a short option with a path': '-u/x',
  'a remote helper': 'ext::sh -c "touch x"',
  'a remote helper with a path': 'ext::sh/x',
  'a file address': 'file:///etc/passwd',
  'an ssh address': 'git@evil.test:owner/name',
  'an ssh option': 'ssh://-oProxyCommand=x/y',
  'a web address': 'https://evil.test/owner/name',
  'a link-local address': 'http://169.254.169.254/latest',
  'a decimal address': '2852039166/latest/meta',
  'the folder above': '..',
  'a path upwards': '../x',
  'a path upwards inside': 'owner/../name',
  'a path upwards at the end': 'owner/..',
  'an absolute path': '/etc/passwd',
  'a newline': 'owner/na\nme',
  'a newline at the end': 'owner/name\n',
  'a carriage return at the end': 'owner/name\r',
  'a NUL': 'owner/name\0',
  'a space': 'owner/na me',
  'a shell command': 'owner/$(touch x)',
  'a semicolon': 'owner/name;x',
  'a quote': "owner/na'me",
  'a query': 'owner/name?x=1',
  'a fragment': 'owner/name#x',
  'a percent sign': 'owner/%2e%2e',
  'a backslash': 'owner\\name',
  '300 characters': `owner/${'x'.repeat(300)}`,
  'a Cyrillic letter that looks Latin': 'оwner/name',
  'a full-width letter': 'owner/ｎame',
  'a zero-width space': 'owner/na\u200Bme',
  'a right-to-left mark': 'owner/\u202Ename',
  nothing: '',
};

describe('RepositoryName', () => {
  it.each(Object.entries(HOSTILE))('refuses %s', (_, name) => {
    expect(RepositoryName.safeParse(name).success).toBe(false);
  });

  it.each([
    'name',
    'owner/',
    '/name',
    'a/b/c',
    'owner/.',
    'owner/name.git',
    '-owner/name',
    '_o/name',
    `${'o'.repeat(40)}/n`,
    `o/${'n'.repeat(101)}`,
  ])('refuses %s, which is no repository', (name) => {
    expect(RepositoryName.safeParse(name).success).toBe(false);
  });

  it.each([
    'demo/tasks',
    'octo_corp/repo',
    'Owner-1/My.Repo_2',
    'a/b',
    'o/.github',
    'o/-x',
    `${'o'.repeat(39)}/n`,
  ])('takes %s', (name) => {
    expect(RepositoryName.safeParse(name).success).toBe(true);
  });
});

describe('BranchName', () => {
  it.each(Object.entries(HOSTILE).filter(([, name]) => !/^\d+\/|^owner\/name#x$/.test(name)))(
    'refuses %s',
    (_, name) => {
      expect(BranchName.safeParse(name).success).toBe(false);
    },
  );

  it.each([
    'a..b',
    'a//b',
    'a/',
    'a.',
    '.a',
    'a/.b',
    'a.lock',
    'a.lock/b',
    'a@{1}',
    'a~1',
    'a^',
    'a:b',
    'a*',
    'a[b',
    'refs heads',
    '@',
    'HEAD',
    'refs/heads/main',
    'A'.repeat(40),
    '0'.repeat(64),
    '#1',
    '+main',
    '@x',
    'x'.repeat(245),
  ])('refuses %s, which git refuses too or reads as something else', (name) => {
    expect(BranchName.safeParse(name).success).toBe(false);
  });

  it.each([
    'main',
    'mainloop/add-a-flag-abcdef',
    'release/1.2.x',
    'UPPER_case',
    '2026-11',
    'release#1',
    'fix/a+b',
    'npm/@types/node-1.0',
    'a=b,c',
    '_x',
    'x'.repeat(244),
  ])('takes %s', (name) => {
    expect(BranchName.safeParse(name).success).toBe(true);
  });
});

describe('Ulid', () => {
  it('takes one, and nothing that could be a path or another alphabet', () => {
    expect(Ulid.safeParse('01JZZZZZZZZZZZZZZZZZABCDEF').success).toBe(true);
    for (const id of ['', '01JZ', '01jzzzzzzzzzzzzzzzzzabcdef', '01JZZZZZZZZZZZZZZZZZABCDEU\n']) {
      expect(Ulid.safeParse(id).success).toBe(false);
    }
    expect(Ulid.safeParse('81JZZZZZZZZZZZZZZZZZABCDEF').success).toBe(false);
    expect(Ulid.safeParse('01JZZZZZZZZZZZZZZZZZABCDEI').success).toBe(false);
  });
});

describe('CommitId', () => {
  it('takes the full name of a git object only', () => {
    expect(CommitId.safeParse('a'.repeat(40)).success).toBe(true);
    expect(CommitId.safeParse('a'.repeat(64)).success).toBe(true);
    for (const id of [
      'a'.repeat(7),
      'A'.repeat(40),
      'HEAD',
      `${'a'.repeat(40)}\n`,
      '-'.repeat(40),
    ]) {
      expect(CommitId.safeParse(id).success).toBe(false);
    }
  });
});
