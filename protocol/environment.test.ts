import { describe, expect, it } from 'vitest';
import { NewSecret, Variable } from './environment.ts';
import { refusedName } from './refused-name.ts';

describe('the name of a variable', () => {
  it.each(['NPM_TOKEN', 'GITHUB_TOKEN', 'a', '_x1', 'DATABASE_URL', 'PYTHONPATH', 'NODE_ENV'])(
    'may be %s',
    (name) => {
      expect(refusedName(name)).toBeNull();
    },
  );

  it.each(['', '1A', 'A-B', 'A B', 'A=B', 'Ä', 'A\n', 'x'.repeat(101)])('is none: %j', (name) => {
    expect(refusedName(name)).toContain('letters, digits and _');
  });

  describe('a name that programs take for something else', () => {
    it.each(['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty'])(
      'is refused: %s; what was kept under it is read',
      (name) => {
        expect(refusedName(name)).toContain('means something else');
        expect(Variable.safeParse({ name, value: '', during: 'work' }).success).toBe(true);
      },
    );
  });

  it.each([
    ['PATH'],
    ['path'],
    ['HOME'],
    ['LD_PRELOAD'],
    ['NODE_OPTIONS'],
    ['BASH_ENV'],
    ['ENV'],
    ['IFS'],
    ['MAINLOOP_TASK_TOKEN'],
    ['ANTHROPIC_BASE_URL'],
    ['CLAUDE_CONFIG_DIR'],
    ['CLAUDECODE'],
    ['GIT_CONFIG_COUNT'],
    ['https_proxy'],
    ['NO_PROXY'],
    ['SSL_CERT_FILE'],
    ['TZ'],
  ])('that would change the sandbox is refused: %s', (name) => {
    expect(refusedName(name)).toContain('set by the sandbox itself');
    expect(Variable.safeParse({ name, value: '', during: 'work' }).success).toBe(false);
  });
});

it.each([
  ['seven77', false],
  ['eight888', true],
  ['line one\nline two', true],
  ['with a NUL \0', false],
  ['x'.repeat(32_000), true],
  ['x'.repeat(32_001), false],
])('a secret is what could be told from other words, and fits: %#', (value, fits) => {
  expect(NewSecret.safeParse({ value, during: 'setup' }).success).toBe(fits);
});
