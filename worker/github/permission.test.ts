import { describe, expect, it } from 'vitest';
import { ENV, api, apiAt, json } from './testing/github-api.ts';

describe('what somebody may do to a repository', () => {
  it.each([
    [json({ message: 'Must have push access' }, 403), 'refused'],
    [json({ message: 'Slow down' }, 429, { 'retry-after': '90' }), 'limited'],
  ])('is not told by a refusal', async (answer, is) => {
    const { port } = apiAt({ ...ENV, GITHUB_API_URL: `http://${is}.test/api` }, answer);
    expect(await port.mayWrite('demo/tasks', 'ana')).toMatchObject({
      is: 'failed',
      failure: { is },
    });
  });

  it('is tried again where the host is away', async () => {
    const away = () => json({ message: 'Oops' }, 502);
    const { port, asked } = api(away(), away(), json({ permission: 'write' }));
    expect(await port.mayWrite('demo/tasks', 'ana')).toEqual({ is: 'ok', value: true });
    expect(asked).toHaveLength(3);
  });

  it.each(['..', '', 'a/b', 'dependabot[bot]', 'аna', '-x'])(
    'is not asked of %j, which nobody can be called',
    async (login) => {
      const { port, asked } = api();
      expect(await port.mayWrite('demo/tasks', login)).toEqual({ is: 'ok', value: false });
      expect(asked).toEqual([]);
    },
  );

  it('a comment is by a person only where the host says so', async () => {
    const by = (id: number, user: unknown) => ({ id, body: 'Hi', user, created_at: '2026-01-01' });
    const { port } = api(
      json([
        by(1, { login: 'ana', type: 'User' }),
        by(2, { login: 'dependabot[bot]', type: 'Bot' }),
        by(3, { login: 'acme', type: 'Organization' }),
        by(4, null),
      ]),
    );
    const found = await port.issueComments('demo/tasks', 80);
    expect(found.is === 'ok' && found.value.map(({ isBot }) => isBot)).toEqual([
      false,
      true,
      true,
      true,
    ]);
  });
});
