import { runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import * as fc from 'fast-check';
import { ulid } from 'ulid';
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { CLOSE } from '../protocol/down.ts';
import { PROTOCOL_VERSION } from '../protocol/version.ts';
import { app } from './app.ts';
import { newKey, seconds, sign } from './auth/testing/keys.ts';
import { formatToken } from './gateway/token.ts';
import { consumeDispatch } from './tasks/dispatch.ts';
import { type OpenTask, startedTask, step } from './tasks/testing/open-task.ts';
import { type Asked, nearJson, queued, requests } from './testing/fuzz.ts';
import { stored } from './testing/stored.ts';
import { type OpenThread, openThread } from './thread/testing/open-thread.ts';

const { inputs: INPUTS, seed } = inject('fuzz');
const LONG_MS = 3_600_000;
const TOGETHER = 20;
const HERE = 'https://mainloop.example.com';
const TEAM = `https://${ulid().toLowerCase()}.access.test`;
const SECRET = 'test-webhook-secret';

/** This part of the inputs, some at a time: they are held by nobody once they were used. */
async function feed<T>(
  arbitrary: fc.Arbitrary<T>,
  part: number,
  use: (one: T) => Promise<void> | void,
  atOnce = TOGETHER,
): Promise<void> {
  const count = Math.ceil(INPUTS * part);
  for (let at = 0; at < count; at += atOnce) {
    const numRuns = Math.min(atOnce, count - at);
    await Promise.all(fc.sample(arbitrary, { numRuns, seed: seed + at }).map(use));
  }
}

const frames = (taskId: string): object[] => [
  { type: 'hello', version: PROTOCOL_VERSION, cursor: 3 },
  { type: 'screen', deviceId: ulid(), isVisible: true },
  { type: 'send', id: ulid(), text: 'Hello', attachments: [] },
  { type: 'stop', id: ulid() },
  { type: 'again', id: ulid(), messageId: ulid() },
  { type: 'dismiss', id: ulid(), itemId: ulid() },
  { type: 'move_task', id: ulid(), taskId, position: 1 },
  { type: 'change_settings', id: ulid(), change: { is: 'model', model: 'opus' } },
  {
    type: 'task',
    id: ulid(),
    taskId,
    command: { do: 'answer', questionId: ulid(), answers: [{ chosen: ['CSV'], other: '' }] },
  },
  {
    type: 'task',
    id: ulid(),
    taskId,
    command: { do: 'decide', planId: ulid(), hash: 'a'.repeat(64), verdict: { is: 'reject' } },
  },
];

describe(`${INPUTS} inputs that nobody would send`, () => {
  /** Whom they are aimed at, and who sends them. */
  let ada: { thread: OpenThread; task: OpenTask };
  let eve: { thread: OpenThread; task: OpenTask };
  let before: string[];
  let token: string;
  const wrong: string[] = [];

  const { info, warn, error: fail } = console;

  const adas = () => Promise.all([stored(ada.thread.stub), stored(ada.task.stub)]);
  const person = async () => {
    const thread = await openThread();
    const task = await startedTask({ personId: thread.personId });
    await task.send(step(1));
    return { thread, task };
  };

  beforeAll(async () => {
    // vitest keeps each line in this process: that would be measured with what the Worker holds.
    Object.assign(console, { info: () => {}, warn: () => {}, error: () => {} });
    const key = await newKey('key-1');
    vi.stubGlobal('fetch', async (input: RequestInfo | URL) => {
      const { href } = new URL(input instanceof Request ? input.url : input);
      return href === `${TEAM}/cdn-cgi/access/certs`
        ? Response.json({ keys: [key.jwk] })
        : new Response('{}', { headers: { 'content-type': 'application/json' } });
    });
    [ada, eve] = [await person(), await person()];
    const page = await ada.thread.page();
    page.send({ type: 'send', id: ulid(), text: 'Between us' });
    await page.ended(1);
    page.close();
    // Hours go by here: what her objects do by the clock is no answer to anybody. Whoever wakes one is seen.
    const still = (_: unknown, { storage }: DurableObjectState) => storage.deleteAlarm();
    await runInDurableObject(ada.thread.stub, still);
    await runInDurableObject(ada.task.stub, still);
    token = await sign(key, {
      iss: TEAM,
      aud: 'app',
      sub: eve.thread.personId,
      exp: seconds(3_600),
    });
    before = await adas();
  }, LONG_MS);
  afterAll(() => {
    Object.assign(console, { info, warn, error: fail });
    vi.unstubAllGlobals();
  });

  /** Sends one request; what is neither an answer nor a refusal is wrong. */
  async function ask({ method, path, headers, body }: Asked, own: Record<string, string>) {
    const init: RequestInit = { method, headers: [...headers, ...Object.entries(own)], body };
    const { LOCAL_PERSON: _, ...bindings } = env;
    const settings = { ...bindings, ACCESS_TEAM_DOMAIN: TEAM, ACCESS_AUD: 'app' };
    const unlimited = {
      ...settings,
      // Its bound is tested in `app-limits.worker.test.ts`.
      PERSON_RATE: { limit: async () => ({ success: true }) },
      // Whatever is no route is a file of the page, or none.
      ASSETS: { fetch: async () => new Response('') } as unknown as Fetcher,
    };
    let request: Request;
    try {
      request = new Request(`${HERE}${path}`, init);
    } catch {
      // What is no request comes to no Worker.
      return;
    }
    const named = () =>
      `${method} ${path} ${JSON.stringify(headers)} ${String(body).slice(0, 500)}`;
    try {
      const answer = await app.fetch(request, unlimited);
      answer.webSocket?.accept();
      answer.webSocket?.close(1000);
      if (answer.status >= 500) wrong.push(`${answer.status} ${await answer.text()} to ${named()}`);
      else await answer.body?.cancel();
    } catch (error) {
      wrong.push(`${String(error)} to ${named()}`);
    }
  }
  const ids = () => [eve.task.spec.taskId, ada.task.spec.taskId, ulid(), 'demo/tasks', '1'];
  const routes = (under: string) => app.routes.filter(({ path }) => path.startsWith(under));

  it(
    'are answered or refused by every route for people, and touch nothing of another’s',
    async () => {
      const bodies = [
        ...frames(ada.task.spec.taskId),
        { what: 'conversation' },
        { what: 'task', taskId: ada.task.spec.taskId },
        { after: null },
        { do: 'count' },
        { do: 'begin', id: ulid() },
        { value: 'secret', setup: true },
      ];
      const own = { 'cf-access-jwt-assertion': token, origin: HERE };
      const asked = requests(routes('/api'), { ids: ids(), bodies });
      await feed(asked, 0.35, (one) => ask(one, own));
      await feed(asked, 0.05, (one) => ask(one, {}));
      expect(wrong).toEqual([]);
      expect(await adas()).toEqual(before);
    },
    LONG_MS,
  );

  it(
    'are answered or refused by the gateway, and touch nothing of another task',
    async () => {
      const at = Date.now();
      const events = [
        { number: 2, at, body: { type: 'step', text: 'One' } },
        { number: 3, at, body: { type: 'text', text: 'Two' } },
        { number: 4, at, body: { type: 'status', status: 'Done' } },
      ];
      const bodies = [
        { events, acknowledged: [ulid()] },
        { key: 'a'.repeat(64), is: 'kept' },
        { model: 'claude-opus-5-5', max_tokens: 10, messages: [{ role: 'user', content: 'Hi' }] },
        {
          commit: 'a'.repeat(40),
          before: null,
          base: 'b'.repeat(40),
          fresh: [],
          paths: [],
          objects: [],
        },
      ];
      const own = { authorization: `Bearer ${formatToken(eve.task.pass())}` };
      // It answers when there is mail.
      const answered = routes('/gateway').filter(({ path }) => !path.endsWith('/mailbox'));
      const asked = requests(answered, { ids: ids(), bodies });
      await feed(asked, 0.25, (one) => ask(one, own));
      await feed(asked, 0.05, (one) => ask(one, {}));
      expect(wrong).toEqual([]);
      expect(await adas()).toEqual(before);
    },
    LONG_MS,
  );

  it(
    'are taken for no delivery of the git host, signed or not',
    async () => {
      const key = await crypto.subtle.importKey(
        'raw',
        new TextEncoder().encode(SECRET),
        { name: 'HMAC', hash: 'SHA-256' },
        false,
        ['sign'],
      );
      const near = nearJson([{ action: 'x', repository: { full_name: 'demo/none' } }]);
      await feed(near, 0.1, async (body) => {
        const bytes = new Uint8Array(
          await crypto.subtle.sign('HMAC', key, new TextEncoder().encode(body)),
        );
        const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
        const post = { method: 'POST', path: '/webhooks/github', headers: [], body };
        await ask(post, { 'x-hub-signature-256': `sha256=${hex}` });
        await ask(post, { 'x-hub-signature-256': hex });
      });
      expect(wrong).toEqual([]);
      expect(await adas()).toEqual(before);
    },
    LONG_MS,
  );

  it(
    'are refused on a page’s socket, which is closed after too many',
    async () => {
      let page = await eve.thread.connect();
      const closed = new Set<number>();
      const near = nearJson(frames(ada.task.spec.taskId));
      const send = async (frame: string) => {
        if (page.closed !== null) {
          closed.add(page.closed);
          page = await eve.thread.connect();
        }
        page.raw(frame);
        // Its answer, where there is one, comes meanwhile.
        await scheduler.wait(1);
      };
      await feed(near, 0.1, send, 1);
      expect([...closed]).toContain(CLOSE.malformed);
      const alive = await eve.thread.page();
      alive.send({ type: 'stop', id: ulid() });
      await alive.first('ack');
      expect(await adas()).toEqual(before);
    },
    LONG_MS,
  );

  it(
    'in a queue are taken out of it, each once',
    async () => {
      const dispatch = { taskId: ulid(), personId: ulid(), attempt: 1 };
      const bodies: unknown[] = [];
      await feed(queued([dispatch]), 0.1, (body) => void bodies.push(body));
      const settled: string[] = [];
      const started = vi.fn<() => Promise<unknown>>(async () => ({}));
      const messages = bodies.map((body, at) => ({
        id: String(at),
        timestamp: new Date(),
        attempts: 1,
        body,
        ack: () => void settled.push(String(at)),
        retry: () => void settled.push(String(at)),
      }));
      const workflow = { create: started, get: started } as unknown as typeof env.TASK_WORKFLOW;
      const batch = { queue: 'mainloop-dispatch', messages } as unknown as MessageBatch;
      await consumeDispatch(batch, { ...env, TASK_WORKFLOW: workflow });
      expect(settled.toSorted()).toEqual(messages.map(({ id }) => id).toSorted());
      expect(started.mock.calls.length).toBeLessThan(bodies.length);
    },
    LONG_MS,
  );
});
