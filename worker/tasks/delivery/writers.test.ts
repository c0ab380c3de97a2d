import { expect, it } from 'vitest';
import { api, json } from '../../github/testing/github-api.ts';
import type { GitHubPort, GitHubResult } from '../../github/port.ts';
import { type Feedback, forWorker, marked } from './feedback.ts';
import { Writers } from './writers.ts';

const AWAY: GitHubResult<boolean> = { is: 'failed', failure: { is: 'unreachable' } };

const said = (author: string, changed: Partial<Feedback> = {}): Feedback => ({
  id: `comment:${author}`,
  kind: 'comment',
  commentId: 1,
  author,
  isBot: false,
  body: 'Use tabs.',
  path: null,
  line: null,
  at: 1,
  ...changed,
});

/** A host at which these may write, and what it was asked. */
function hostOf(may: string[], random = () => 0) {
  const asked: string[] = [];
  const clock = { now: 1_000 };
  const host = { fails: false, may };
  const mayWrite: GitHubPort['mayWrite'] = async (_, login) => {
    asked.push(login);
    return host.fails ? AWAY : { is: 'ok', value: host.may.includes(login) };
  };
  const repository = () => 'demo/tasks';
  const writers = new Writers({ mayWrite, repository, now: () => clock.now, random });
  return { asked, clock, host, writers };
}

const logins = (found: GitHubResult<ReadonlySet<string>>) =>
  found.is === 'ok' ? [...found.value] : found;

/** As the API tells of one who commented, and then of what they may do. */
async function obeyed(association: string, permission: Response): Promise<boolean> {
  const comment = {
    id: 5,
    body: 'Use tabs.',
    user: { login: 'ana', type: 'User' },
    author_association: association,
    created_at: '2026-01-01T00:00:00Z',
  };
  const { port, asked } = api(json([]), json([]), json([comment]), permission);
  const all = await port.feedback('demo/tasks', 7);
  if (all.is === 'failed') throw new Error('The comments were not read.');
  const { mayWrite } = port;
  const writers = await new Writers({ mayWrite, repository: () => 'demo/tasks' }).among(all.value);
  expect(asked.at(-1)?.url).toMatch(/\/repos\/demo\/tasks\/collaborators\/ana\/permission$/);
  if (writers.is === 'failed') throw new Error('The permission was not read.');
  return forWorker({ all: all.value, seen: new Set(), writers: writers.value }).length > 0;
}

it.each([
  ['OWNER', json({ permission: 'read' }), false],
  ['MEMBER', json({ permission: 'none' }), false],
  ['COLLABORATOR', json({ permission: 'read', role_name: 'triage' }), false],
  ['CONTRIBUTOR', json({ permission: 'write' }), true],
  ['NONE', json({ permission: 'maintain' }), true],
  ['NONE', json({ permission: 'admin' }), true],
  ['OWNER', json({ message: 'Not Found' }, 404), false],
])(
  '%s is heeded by what the host says they may do, and not by that word',
  async (word, answer, may) => {
    expect(await obeyed(word, answer)).toBe(may);
  },
);

it('a person is asked about once a look, and again when the answer is a minute old', async () => {
  const { writers, asked, clock, host } = hostOf(['ana']);
  const all = [said('ana'), said('ana', { id: 'comment:2' }), said('eve')];
  expect(logins(await writers.among(all))).toEqual(['ana']);
  expect(logins(await writers.among(all))).toEqual(['ana']);
  expect(asked).toEqual(['ana', 'eve']);
  host.may = ['eve'];
  clock.now += 60_000;
  expect(logins(await writers.among(all))).toEqual(['eve']);
  expect(asked).toEqual(['ana', 'eve', 'ana', 'eve']);
});

it('programs, ourselves and empty words are not asked about', async () => {
  const { writers, asked } = hostOf(['ana']);
  const all = [
    said('ana', { isBot: true }),
    said('ana', { body: marked('Done.', 'reply:1') }),
    said('ana', { body: ' \n' }),
  ];
  expect(logins(await writers.among(all))).toEqual([]);
  expect(asked).toEqual([]);
});

it('a host that does not tell is no yes, and is asked again at the next look', async () => {
  const { writers, host } = hostOf(['ana']);
  host.fails = true;
  expect(await writers.among([said('ana')])).toEqual(AWAY);
  host.fails = false;
  expect(logins(await writers.among([said('ana')]))).toEqual(['ana']);
});

it('of very many people 20 are asked about in a look, and no crowd hides one who may write', async () => {
  let looks = 0;
  const { writers, asked, clock } = hostOf(['ana'], () => (looks % 4) / 4);
  const crowd = Array.from({ length: 79 }, (_, at) => said(`eve-${at}`));
  const found: unknown[] = [];
  for (; looks < 4; looks++) {
    asked.length = 0;
    found.push(logins(await writers.among([...crowd, said('ana')])));
    expect(asked).toHaveLength(20);
    clock.now += 60_000;
  }
  expect(found).toEqual([[], [], [], ['ana']]);
});
