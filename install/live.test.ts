import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { doctor } from './doctor/doctor.ts';
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

  /** Counts the looks at the live address. */
  const counted = () => {
    const known = at.ports.live(HOST);
    const asked = { count: 0 };
    at.ports.live = () => (path, init) => {
      asked.count += 1;
      return known(path, init);
    };
    return asked;
  };

  it('waits until its name is known, and looks at it no sooner: a resolver would remember', async () => {
    const asked = counted();
    at.state.isNamed = false;
    at.state.sleeps = () => {
      expect(asked.count).toBe(0);
      at.state.isNamed = true;
    };
    expect(await setup(at.options(), at.ports)).toBe(true);
    expect(at.said.filter((line) => line.startsWith('Waiting for'))).toHaveLength(1);
    expect(asked.count).toBeGreaterThan(0);
  });

  it('whose name never becomes known ends with that, and doctor does not look at it either', async () => {
    const asked = counted();
    at.state.isNamed = false;
    await expect(setup(at.options(), at.ports)).rejects.toThrow(/has no address yet/);
    await doctor(at.later(), at.ports);
    expect(at.said.join('\n')).toMatch(/WRONG {2}Strangers: .*has no address yet/);
    expect(asked.count).toBe(0);
  });

  it('looks at once where nobody can say whether the name is there', async () => {
    at.state.isNamed = null;
    expect(await setup(at.options(), at.ports)).toBe(true);
  });
});
