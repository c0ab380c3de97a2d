import { afterEach, describe, expect, it, vi } from 'vitest';
import { SECRETS } from '../../protocol/redaction/testing/secrets.ts';
import { log } from './log.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

function written(level: 'info' | 'warn' | 'error', act: () => void): string {
  const spy = vi.spyOn(console, level).mockImplementation(() => {});
  act();
  return spy.mock.calls.flat().join('\n');
}

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
      error: /Error: refused \[secret\]\n\s+at /,
    });
  });

  it('stays JSON whatever was taken out of it', () => {
    const line = written('warn', () =>
      log.warn('history.postponed', {
        why: 'no "postgres://ada:hunter2@db.example/main"\n',
        pending: 3,
      }),
    );
    expect(JSON.parse(line)).toMatchObject({
      why: 'no "postgres://ada:[secret]@db.example/main"\n',
      pending: 3,
    });
  });

  it('takes what was thrown though it is no error', () => {
    const line = written('error', () => log.error('app.error', 'a word'));
    expect(JSON.parse(line)).toMatchObject({ error: 'a word' });
  });
});
