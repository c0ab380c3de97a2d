import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startStandIn } from './testing/stand-in.ts';
import { cloudflare } from './cloudflare/client.ts';
import { hasBucket } from './cloudflare/stores.ts';
import { findAccess } from './cloudflare/access.ts';
import { chooseAccount, cloudflareToken } from './sign-in.ts';
import type { Terminal } from './terminal.ts';
import type { Wrangler } from './wrangler.ts';

const nobody: Terminal = { say: () => {}, ask: null, confirm: null };
const somebody = (says: boolean): Terminal => ({ ...nobody, confirm: async () => says });

/** wrangler that is signed in, or becomes so by `wrangler login`. */
function wranglerWith(token: string | null, afterLogin: string | null = null) {
  const calls: string[] = [];
  let now = token;
  const wrangler: Wrangler = async (args) => {
    calls.push(args.join(' '));
    if (args[0] === 'login') now = afterLogin;
    const json = JSON.stringify({ type: 'oauth', token: now }, null, 2);
    return now === null ? { code: 1, output: 'Not logged in.' } : { code: 0, output: `${json}\n` };
  };
  return { wrangler, calls };
}

describe('the token', () => {
  it('of the environment is taken without asking wrangler', async () => {
    const { wrangler, calls } = wranglerWith('from wrangler');
    const environment = { CLOUDFLARE_API_TOKEN: 'from the environment' };
    expect(await cloudflareToken(environment, wrangler, nobody)).toBe('from the environment');
    expect(calls).toEqual([]);
  });

  it('is otherwise that of wrangler login', async () => {
    const { wrangler } = wranglerWith('from wrangler');
    expect(await cloudflareToken({}, wrangler, nobody)).toBe('from wrangler');
  });

  it('is got by signing in where a person is there and wants to', async () => {
    const { wrangler, calls } = wranglerWith(null, 'new');
    expect(await cloudflareToken({}, wrangler, somebody(true))).toBe('new');
    expect(calls).toEqual(['auth token --json', 'login', 'auth token --json']);
  });

  it.each<[string, Terminal]>([
    ['nobody is there', nobody],
    ['a person does not want to', somebody(false)],
  ])('is asked for in words where %s', async (_, terminal) => {
    const { wrangler } = wranglerWith(null);
    await expect(cloudflareToken({}, wrangler, terminal)).rejects.toThrow(/not signed in.*login/);
  });
});

describe('with an account', () => {
  let standIn: Awaited<ReturnType<typeof startStandIn>>;
  beforeEach(async () => {
    standIn = await startStandIn();
  });
  afterEach(() => standIn.close());
  const client = () => cloudflare(standIn.url, standIn.token);

  it('the only one is taken, and of several one has to be named', async () => {
    expect(await chooseAccount(client(), undefined)).toBe(standIn.account.id);
    const two = {
      ...client(),
      list: async () => ({
        is: 'answer' as const,
        result: [
          { id: '1', name: 'Home' },
          { id: '2', name: 'Work' },
        ] as never[],
      }),
    };
    await expect(chooseAccount(two, undefined)).rejects.toThrow(/--account=1 {2}Home\n.*Work/);
    expect(await chooseAccount(two, '2')).toBe('2');
  });

  it('a token that is none is told from one that may not', async () => {
    const wrong = cloudflare(standIn.url, 'misspelt');
    await expect(chooseAccount(wrong, undefined)).rejects.toThrow(
      /not one that Cloudflare knows: it is misspelt, expired or revoked/,
    );
    standIn.refuse(/\/r2\//, 9109, 'Invalid access token');
    await expect(hasBucket(client(), standIn.account.id, 'x')).rejects.toThrow(/misspelt/);
    standIn.refuse(/\/r2\//, 9109, 'Unauthorized to access requested resource');
    await expect(hasBucket(client(), standIn.account.id, 'x')).rejects.toThrow(/lacks the perm/);
  });

  it('a token that lacks a permission is told from a product that was never switched on', async () => {
    const { id } = standIn.account;
    standIn.forbid(/\/r2\//);
    await expect(hasBucket(client(), id, 'x')).rejects.toThrow(/docs\/install.md lists/);
    standIn.refuse(/\/r2\//, 10042, 'Please enable R2 through the Cloudflare Dashboard.');
    await expect(hasBucket(client(), id, 'x')).rejects.toThrow(/enable R2[^T]*$/);
    standIn.refuse(/\/access\//, 9999, 'access.api.error.not_enabled');
    const access = await findAccess(client(), id, 'x', '/y');
    expect(access).toMatchObject({ is: 'unreadable', why: expect.stringMatching(/team name/) });
  });
});
