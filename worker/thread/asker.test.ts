import { expect, it } from 'vitest';
import { askerOf } from './asker.ts';

const atHost = { email: '7+ada@users.noreply.github.test', url: 'https://github.test/ada' };
const gitToken = { sealed: '', hash: '', login: 'ada', atHost, at: 0, refusedAt: null };
const repository = (name: string, isPrivate: boolean) => ({
  name,
  defaultBranch: 'main',
  description: null,
  private: isPrivate,
});
const repositories = {
  at: 1,
  list: [repository('acme/site', true), repository('acme/open', false)],
};
const email = 'ada@example.com';

it('who has a token of their own is who the host knows, everywhere', () => {
  const asker = { name: 'ada', ...atHost };
  for (const name of ['acme/site', 'acme/open', 'acme/unknown']) {
    expect(askerOf({ gitToken, email, repositories }, name)).toEqual(asker);
  }
});

it('else an address is shown in private repositories only', () => {
  const without = { gitToken: null, email, repositories };
  expect(askerOf(without, 'acme/site')).toEqual({ name: 'ada', email, url: null });
  expect(askerOf(without, 'acme/open')).toBeNull();
  expect(askerOf(without, 'acme/unknown')).toBeNull();
  expect(askerOf({ ...without, email: '' }, 'acme/site')).toBeNull();
  expect(askerOf({ ...without, email: 'a\n@b> <c' }, 'acme/site')).toBeNull();
});
