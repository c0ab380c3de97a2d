import { afterEach, describe, expect, it, vi } from 'vitest';
import { log, redact } from './log.ts';

const SECRETS = {
  'an Anthropic key': 'sk-ant-api03-Abc_def-123',
  'a Claude token': 'sk-ant-oat01-Abc_def-123',
  'a GitHub token': 'ghp_abcDEF123456789012345678901234567890',
  'a GitHub app’s token': 'ghs_abcDEF123456789012345678901234567890',
  'a fine-grained GitHub token': 'github_pat_11ABC_def456',
  'a bearer': 'Bearer eyJhbGciOiJSUzI1NiJ9.e30.c2ln',
  'git’s own header': `Basic ${btoa('x-access-token:ghp_abcDEF1234567890')}`,
  'a task’s token': `mlt.${'a'.repeat(64)}.3.${'b'.repeat(43)}`,
} as const;

afterEach(() => {
  vi.restoreAllMocks();
});

function written(level: 'info' | 'warn' | 'error', act: () => void): string {
  const spy = vi.spyOn(console, level).mockImplementation(() => {});
  act();
  return spy.mock.calls.flat().join('\n');
}

describe('redaction', () => {
  it.each(Object.entries(SECRETS))('takes out %s', (_, secret) => {
    const text = redact(`before ${secret} after`);
    expect(text).not.toContain(secret.slice(-10));
    expect(text).toMatch(/^before .*\[redacted\].* after$/);
  });

  it('takes the password out of a database’s address', () => {
    const text = redact('cannot reach postgres://user:hunter2@db.example:5432/main');
    expect(text).not.toContain('hunter2');
    expect(text).toContain('db.example');
  });

  it('takes out every one of several', () => {
    const text = redact(Object.values(SECRETS).join(' and '));
    expect(text.match(/\[redacted\]/g)).toHaveLength(Object.keys(SECRETS).length);
  });

  it('leaves plain words alone', () => {
    const plain = 'The bearer of the basic plan asked for gateway.internal twice.';
    expect(redact(plain)).toBe(plain);
  });
});

describe('a log line', () => {
  it('is one line of JSON with its level, its event and its fields', () => {
    const line = written('info', () => log.info('task.status', { taskId: 'T', generation: 2 }));
    expect(JSON.parse(line)).toEqual({
      level: 'info',
      event: 'task.status',
      taskId: 'T',
      generation: 2,
    });
    expect(line).not.toContain('\n');
  });

  it('has the error in full, without its secrets', () => {
    const secret = SECRETS['an Anthropic key'];
    const line = written('error', () =>
      log.error('gateway.model_unreachable', new Error(`refused ${secret}`), { taskId: 'T' }),
    );
    expect(line).not.toContain(secret);
    expect(JSON.parse(line)).toMatchObject({
      level: 'error',
      taskId: 'T',
      error: /Error: refused \[redacted\]\n\s+at /,
    });
  });

  it('stays JSON whatever was taken out of it', () => {
    const line = written('warn', () =>
      log.warn('history.postponed', {
        why: 'no postgres://db.example/main',
        pending: 3,
      }),
    );
    expect(JSON.parse(line)).toMatchObject({ pending: 3 });
  });

  it('takes what was thrown though it is no error', () => {
    const line = written('error', () => log.error('app.error', 'a word'));
    expect(JSON.parse(line)).toMatchObject({ error: 'a word' });
  });
});
