import { expect, it } from 'vitest';
import { reasonOf } from './reason.ts';

it('a failed fetch says what its cause says', async () => {
  const failed = await fetch('http://127.0.0.1:1/').catch(reasonOf);
  expect(failed).toMatch(/ECONNREFUSED|bad port/);
  expect(reasonOf(new TypeError('fetch failed', { cause: new Error('no such host') }))).toBe(
    'no such host',
  );
});

it('what has no message has a code or a name', () => {
  expect(reasonOf(new AggregateError([new Error('first'), new Error('second')], ''))).toBe('first');
  expect(reasonOf(Object.assign(new Error(''), { code: 'CONNECT_TIMEOUT' }))).toBe(
    'CONNECT_TIMEOUT',
  );
  expect(reasonOf('text')).toBe('text');
});
