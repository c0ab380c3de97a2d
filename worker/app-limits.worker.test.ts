import { expect, it } from 'vitest';
import { Refused } from '../protocol/pages.ts';
import { twoPeople } from './testing/people.ts';

const { ada, eve, ask } = twoPeople();
/** As wrangler.toml says. */
const A_MINUTE = 3_000;
const TOGETHER = 100;

it('one person’s requests in a minute are bounded, and another one’s are answered', async () => {
  const seen = new Map<number, number>();
  for (let count = 0; count < A_MINUTE + TOGETHER; count += TOGETHER) {
    const answers = await Promise.all(
      Array.from({ length: TOGETHER }, () => ask(ada, '/api/sign-in')),
    );
    for (const { status } of answers) seen.set(status, (seen.get(status) ?? 0) + 1);
  }
  expect(seen.get(302)).toBeLessThanOrEqual(A_MINUTE);
  expect(seen.get(429)).toBeGreaterThanOrEqual(TOGETHER);
  const limited = await ask(ada, '/api/messages');
  expect(limited.status).toBe(429);
  expect(limited.headers.get('retry-after')).toBe('60');
  expect(Refused.parse(await limited.json())).toMatchObject({ error: 'too_many' });
  expect((await ask(eve, '/api/messages')).status).toBe(200);
});
