import { runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { ulid } from 'ulid';
import { beforeAll, describe, expect, it } from 'vitest';
import { RefillAnswer } from '../protocol/rebuild.ts';
import { SearchAnswer } from '../protocol/search.ts';
import { CANCEL, RETRY, emptyTask, say } from './tasks/testing/open-task.ts';
import { HERE, twoPeople, upgrade } from './testing/people.ts';

const { ada, eve, ask, pageOf, forged } = twoPeople();
let taskId: string;

const whole = async (response: Response) => ({
  status: response.status,
  type: response.headers.get('content-type'),
  body: await response.text(),
});

beforeAll(async () => {
  const task = await emptyTask({ personId: ada });
  await task.stub.create(task.spec);
  ({ taskId } = task.spec);
});

/** All of them are in `app-routes.worker.test.ts`. */
const ROUTES = [
  '/api/socket',
  '/api/sign-in?to=/inbox',
  '/api/messages',
  '/api/messages?around=:id',
  '/api/search?q=us',
  '/api/usage',
  '/api/health',
  '/api/health/storage',
  '/api/attachments/:id',
  '/api/export/checkpoint?task=:id&key=x',
  '/api/git-token',
  '/api/inbox/:id',
  '/api/tasks/:id',
  '/api/tasks/:id/usage',
  '/api/tasks/:id/changes',
  '/api/tasks/:id/refused',
  '/api/tasks/:id/events',
  '/api/tasks/:id/events/1',
  '/api/tasks/:id/find?q=x',
  '/api/tasks/:id/feed',
  '/api/x',
];

describe('nobody comes in', () => {
  it.each(ROUTES)('without a token: %s', async (route) => {
    const response = await ask(null, route.replace(':id', taskId), upgrade);
    expect(response.status).toBe(401);
  });

  it.each(ROUTES)('with another’s name in a header: %s', async (route) => {
    const named = { 'cf-access-authenticated-user-email': 'ada@example.com', 'x-person': ada };
    const response = await ask(null, route.replace(':id', taskId), { ...upgrade, ...named });
    expect(response.status).toBe(401);
  });

  it.each(ROUTES)('with a stranger’s token: %s', async (route) => {
    const headers = { ...upgrade, 'cf-access-jwt-assertion': await forged(ada) };
    expect((await ask(null, route.replace(':id', taskId), headers)).status).toBe(401);
  });
});

describe('a person', () => {
  it('sees their own task and its activity', async () => {
    const details = await ask(ada, `/api/tasks/${taskId}`);
    expect(details.status).toBe(200);
    expect(await details.json()).toMatchObject({ task: { id: taskId } });
    const feed = await ask(ada, `/api/tasks/${taskId}/feed`, upgrade);
    expect(feed.status).toBe(101);
    feed.webSocket?.accept();
    feed.webSocket?.close(1000);
  });

  it.each(ROUTES.filter((route) => route.startsWith('/api/tasks/')))(
    'gets for another’s task the very answer for one that is not there: %s',
    async (route) => {
      const another = await whole(await ask(eve, route.replace(':id', taskId), upgrade));
      const nothing = await whole(await ask(eve, route.replace(':id', ulid()), upgrade));
      expect(another.status).toBe(404);
      expect(another).toEqual(nothing);
      // What another person tried leaves the task as it was.
      expect((await ask(ada, `/api/tasks/${taskId}`)).status).toBe(200);
    },
  );

  it('sees nothing of another’s conversation', async () => {
    const [adas, eves] = [await pageOf(ada), await pageOf(eve)];
    adas.send({ type: 'send', id: ulid(), text: 'Between us' });
    await adas.first('ack');
    const page = await (await ask(ada, '/api/messages')).text();
    expect(await (await ask(eve, '/api/messages?before=99')).text()).toContain('"messages":[]');
    const around = `/api/messages?around=${/"id":"(\w+)".*Between us/.exec(page)?.[1]}`;
    expect((await ask(ada, around)).status).toBe(200);
    expect((await ask(eve, around)).status).toBe(404);
    const again = await pageOf(eve);
    expect(again.messages()).toEqual([]);
    expect(eves.entries()).toEqual([]);
    for (const client of [adas, eves, again]) client.close();
  });

  it('finds what was said in their own conversation, and nothing of another’s', async () => {
    const [adas, eves] = [await pageOf(ada), await pageOf(eve)];
    const id = ulid();
    adas.send({ type: 'send', id, text: 'The code word is marzipan' });
    await adas.first('ack');
    const found = async (person: string) =>
      SearchAnswer.parse(await (await ask(person, '/api/search?q=marzipan')).json());
    expect(await found(ada)).toMatchObject({
      over: 'conversation',
      hits: [{ kind: 'message', id, text: 'The code word is marzipan' }],
    });
    expect((await found(eve)).hits).toEqual([]);
    for (const client of [adas, eves]) client.close();
  });

  it.each(['', '?q=', '?q=%20', `?q=${'x'.repeat(501)}`])(
    'is told in words what a search needs: %s',
    async (query) => {
      const refused = await ask(ada, `/api/search${query}`);
      expect(refused.status).toBe(400);
      expect(await refused.json()).toMatchObject({ error: 'malformed' });
    },
  );

  const ORDERS: [string, unknown][] = [
    ['/api/rebuild', { what: 'conversation' }],
    ['/api/refill', { after: null }],
    ['/api/export', { do: 'count' }],
    ['/api/import', { do: 'begin', id: ulid() }],
    ['/api/commands', { type: 'stop', id: ulid() }],
  ];
  it.each(ORDERS)('only from a page or a command of their own: %s', async (path, body) => {
    expect((await ask(null, path, { origin: HERE }, body)).status).toBe(401);
    expect((await ask(ada, path, { origin: 'https://evil.example' }, body)).status).toBe(403);
    expect((await ask(ada, path, {}, body)).status).toBe(403);
    expect((await ask(ada, path, { origin: HERE }, { what: 'all' })).status).toBe(400);
  });

  const SECRET = '/api/repositories/acme/todo/secrets/TOKEN';
  const HUNTER = { value: 'hunter2-hunter2', during: 'setup' };

  it('keeps a secret of their own from their own page only, and is never shown its value', async () => {
    const [adas, eves] = [await pageOf(ada), await pageOf(eve)];
    const put = (person: string | null, headers = {}, body: unknown = HUNTER, at = SECRET) =>
      ask(person, at, headers, body, 'PUT');
    expect((await put(null, { origin: HERE })).status).toBe(401);
    expect((await put(ada)).status).toBe(403);
    expect((await put(ada, { origin: 'https://evil.example' })).status).toBe(403);
    expect((await put(ada, { origin: HERE })).status).toBe(204);
    const entry = await adas.first('entries', (frame) => JSON.stringify(frame).includes('TOKEN'));
    expect(JSON.stringify(entry)).not.toContain('hunter2');
    expect(JSON.stringify(eves.frames)).not.toContain('TOKEN');
    expect((await ask(ada, SECRET)).status).toBe(404);
    const gone = (person: string) => ask(person, SECRET, { origin: HERE }, {}, 'DELETE');
    expect((await gone(eve)).status).toBe(404);
    expect((await gone(ada)).status).toBe(204);
    for (const client of [adas, eves]) client.close();
  });

  it.each([
    ['a value that is too short', SECRET, { ...HUNTER, value: 'short' }, /8 to 32,000/],
    ['a value with a NUL', SECRET, { ...HUNTER, value: 'hunter2\0hunter2' }, /8 to 32,000/],
    ['a name that the runner needs', SECRET.replace('TOKEN', 'LD_PRELOAD'), HUNTER, /itself/],
    ['a name that is none', SECRET.replace('TOKEN', '1-2'), HUNTER, /letters, digits/],
    ['no time', SECRET, { value: HUNTER.value, during: 'always' }, /secret/i],
  ])('is told in words why a secret is not kept: %s', async (_, at, body, words) => {
    const refused = await ask(ada, at, { origin: HERE }, body, 'PUT');
    expect(refused.status).toBe(400);
    const text = await refused.text();
    expect(text).toMatch(words);
    expect(text).not.toContain('hunter2');
  });

  it('keeps a token of their own for the git host from their own page only, and is never shown it', async () => {
    const path = '/api/git-token';
    const mine = { token: 'github_pat_11OFADA0123456789' };
    await pageOf(ada).then((page) => page.close());
    const put = (person: string | null, headers = {}, body: unknown = mine) =>
      ask(person, path, headers, body, 'PUT');
    expect((await put(null, { origin: HERE })).status).toBe(401);
    expect((await put(ada)).status).toBe(403);
    expect((await put(ada, { origin: 'https://evil.example' })).status).toBe(403);
    const malformed = await put(ada, { origin: HERE }, { token: 'two words, and more of them' });
    expect(malformed.status).toBe(400);
    expect(await malformed.text()).toMatch(/begin with github_pat_/);
    expect((await put(ada, { origin: HERE })).status).toBe(204);
    const shown = await (await ask(ada, path)).text();
    expect(shown).toMatch(/"login":"ada"/);
    expect(shown).not.toContain(mine.token);
    expect(await (await ask(eve, path)).json()).toMatchObject({ token: null, otherwise: 'token' });
    const gone = (person: string) => ask(person, path, { origin: HERE }, {}, 'DELETE');
    expect((await gone(eve)).status).toBe(404);
    expect((await gone(ada)).status).toBe(204);
    expect(await (await ask(ada, path)).json()).toMatchObject({ token: null });
  });

  it('cannot have another’s task rebuilt, nor one that is there', async () => {
    const order = { what: 'task', taskId };
    const own = await ask(ada, '/api/rebuild', { origin: HERE }, order);
    expect(await own.json()).toMatchObject({ is: 'refused' });
    const eves = await ask(eve, '/api/rebuild', { origin: HERE }, order);
    expect(await eves.json()).not.toMatchObject({ is: 'rebuilt' });
    expect((await ask(eve, `/api/tasks/${taskId}`)).status).toBe(404);
  });

  it('puts only what is their own on its way to Postgres', async () => {
    const answer = await ask(eve, '/api/refill', { origin: HERE }, { after: null });
    expect(RefillAnswer.parse(await answer.json())).toMatchObject({ tasks: 0, next: null });
  });

  it('is told of what cannot be read of their own, and of nobody else’s', async () => {
    const [adas, eves] = [await pageOf(ada), await pageOf(eve)];
    const thread = env.MAIN_THREAD.get(env.MAIN_THREAD.idFromName(ada));
    const id = ulid();
    await runInDurableObject(thread, (_, { storage }) => {
      storage.sql.exec("INSERT INTO messages VALUES (?, 1000, 'a secret', 'a secret')", id);
    });
    const health = await (await ask(ada, '/api/health/storage')).text();
    expect(JSON.parse(health)).toMatchObject({
      thread: { closed: null, setAside: { count: 1, rows: [{ table: 'messages', key: id }] } },
      tasks: [],
    });
    expect(health).not.toContain('a secret');
    expect(await (await ask(eve, '/api/health/storage')).json()).toMatchObject({
      thread: { setAside: { count: 0, rows: [] } },
    });
    for (const client of [adas, eves]) client.close();
  });

  it('can do nothing to another’s task', async () => {
    const eves = await pageOf(eve);
    for (const command of [CANCEL, RETRY, say('Obey me')]) {
      eves.send({ type: 'task', id: ulid(), taskId, command });
    }
    await eves.until(() => (eves.all('refused').length === 3 ? true : null), 'three refusals');
    expect(eves.all('refused').map(({ code }) => code)).toEqual(Array(3).fill('not_found'));
    expect(await (await ask(ada, `/api/tasks/${taskId}`)).json()).toMatchObject({
      task: { status: 'Queued' },
    });
    eves.close();
  });
});
