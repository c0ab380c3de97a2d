import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Live, askAt, takesWebhooks, turnsStrangersAway, untilGood } from './live.ts';
import { setup } from './setup.ts';
import { type World, HOST, world } from './testing/world.ts';

const TEAM = 'acme.cloudflareaccess.com';
const answering =
  (status: number, location = '') =>
  async () =>
    new Response(null, { status, headers: location === '' ? {} : { location } });

describe('a stranger', () => {
  it.each([
    [302, `https://${TEAM}/cdn-cgi/access/login/x`, 'good'],
    [401, '', 'good'],
    [302, `https://${TEAM}/cdn-cgi/access/login/x?kid=tag`, 'good'],
    [302, `https://${TEAM}/cdn-cgi/access/login/x?kid=other`, 'wrong'],
    [302, 'https://evil.example/cdn-cgi/access/login/x', 'wrong'],
    [302, '/login', 'wrong'],
    [200, '', 'wrong'],
    [404, '', 'wrong'],
    [522, '', 'away'],
  ])('who is answered %s %s: %s', async (status, location, is) => {
    expect(await turnsStrangersAway(answering(status, location), TEAM, 'tag')).toMatchObject({
      is,
    });
  });

  it('who reaches nobody has shown nothing', async () => {
    const live = await turnsStrangersAway(askAt('http://127.0.0.1:1'), TEAM, 'tag');
    expect(live.is).toBe('away');
  });
});

describe('a webhook', () => {
  it.each([
    [202, 'secret', 'good'],
    [401, 'secret', 'wrong'],
    // Without the secret nothing is signed: that Access lets it pass is all that shows.
    [200, null, 'good'],
    [302, null, 'wrong'],
    [302, 'secret', 'wrong'],
    [404, 'secret', 'wrong'],
    [200, 'secret', 'wrong'],
    [530, 'secret', 'away'],
  ])('that is answered %s, with the secret %s: %s', async (status, secret, is) => {
    expect(await takesWebhooks(answering(status), secret)).toMatchObject({ is });
  });
});

it('without the secret nothing is sent that would count as a wrong signature', async () => {
  const sent: (string | undefined)[] = [];
  const ask = async (_: string, init?: RequestInit) => {
    sent.push(init?.method);
    return new Response(null, { status: 200 });
  };
  await takesWebhooks(ask, null);
  expect(sent).toEqual([undefined]);
});

describe('a look from outside', () => {
  const looks = (...found: ('good' | 'wrong' | 'away')[]) => {
    let at = 0;
    const look = async (): Promise<Live> => {
      const is = found[Math.min(at, found.length - 1)] ?? 'good';
      at += 1;
      if (is === 'good') return { is };
      return is === 'wrong' ? { is, text: '', mend: null } : { is, text: '' };
    };
    return { look, count: () => at };
  };
  const pause = async () => {};

  it('waits while nobody answers, and not for ever', async () => {
    const soon = looks('away', 'away', 'wrong', 'good');
    expect(await untilGood(soon.look, pause)).toEqual({ is: 'good' });
    const never = looks('away');
    expect((await untilGood(never.look, pause)).is).toBe('away');
    expect(never.count()).toBe(30);
  });

  it('soon believes what is wrong', async () => {
    const open = looks('wrong');
    expect((await untilGood(open.look, pause)).is).toBe('wrong');
    expect(open.count()).toBe(3);
  });
});

describe('a first setup', () => {
  let at: World;
  beforeEach(async () => {
    at = await world();
  });
  afterEach(() => at.close());

  it('waits until its name is known', async () => {
    const known = at.ports.live(HOST);
    let isKnown = false;
    at.ports.live = () => (path, init) =>
      isKnown ? known(path, init) : Promise.reject(new Error('no such host'));
    at.state.sleeps = () => (isKnown = true);
    expect(await setup(at.options(), at.ports)).toBe(true);
    expect(at.said.filter((line) => line.startsWith('Waiting for'))).toHaveLength(1);
  });
});
