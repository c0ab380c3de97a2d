import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { type Gate, gatedHost } from './gate.ts';
import { fakeHost } from './testing/fake-host.ts';

beforeEach(() => vi.useFakeTimers({ toFake: ['Date'] }));
afterEach(() => vi.useRealTimers());

function gate(): Gate & { at: number } {
  const one = { at: 0, opensAt: () => one.at, close: (until: number) => void (one.at = until) };
  return one;
}

const limited = (retryAfterMs: number) => ({ is: 'limited', retryAfterMs }) as const;

it('a host that says when to come back is asked nothing before, whatever it is, and then again', async () => {
  const host = fakeHost('abc');
  const port = gatedHost(host.port, gate());
  host.fails = { checks: { failure: limited(60_000) } };
  expect(await port.checks('demo/tasks', 'abc', true)).toMatchObject({ is: 'failed' });
  vi.setSystemTime(Date.now() + 59_999);
  const words = { title: 't', message: '' };
  expect(await port.merge('demo/tasks', 1, 'abc', words)).toEqual({
    is: 'failed',
    failure: limited(1),
  });
  expect(host.asked).toEqual(['checks']);
  vi.setSystemTime(Date.now() + 1);
  expect(await port.branchHead('demo/tasks', 'b')).toEqual({ is: 'ok', value: 'abc' });
});

it('a shorter word that comes later does not open it earlier', async () => {
  const host = fakeHost('abc');
  const one = gate();
  const port = gatedHost(host.port, one);
  host.fails = {
    checks: { failure: limited(60_000) },
    feedback: { failure: limited(1_000) },
  };
  await Promise.all([port.checks('demo/tasks', 'abc', true), port.feedback('demo/tasks', 1)]);
  expect(one.at).toBe(Date.now() + 60_000);
});

it('other failures close nothing', async () => {
  const host = fakeHost('abc');
  const one = gate();
  host.fails = { checks: { failure: { is: 'unauthorized' } } };
  await gatedHost(host.port, one).checks('demo/tasks', 'abc', true);
  expect(one.at).toBe(0);
});
