import { env } from 'cloudflare:workers';
import { runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { ulid } from 'ulid';
import { describe, expect, it, vi } from 'vitest';
import { app } from '../app.ts';
import { taskObjectName } from '../tasks/api.ts';
import { ask, CANCEL, deliveredTask, type OpenTask } from '../tasks/testing/open-task.ts';
import { UNSIGNED_NAME, fanOutName } from './webhook-fan-out.ts';

const SECRET = 'test-webhook-secret';

async function signature(body: string, secret = SECRET): Promise<string> {
  const encoder = new TextEncoder();
  const algorithm = { name: 'HMAC', hash: 'SHA-256' };
  const key = await crypto.subtle.importKey('raw', encoder.encode(secret), algorithm, false, [
    'sign',
  ]);
  const bytes = new Uint8Array(await crypto.subtle.sign('HMAC', key, encoder.encode(body)));
  return `sha256=${[...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')}`;
}

/** An event of a repository, whose name is written as the host likes to. */
const bodyOf = (repository: string) =>
  JSON.stringify({
    action: 'completed',
    repository: { full_name: repository.replace('demo', 'Demo') },
  });
const BODY = bodyOf('demo/tasks');

function post(headers: Record<string, string>, body = BODY, secret: string | undefined = SECRET) {
  const given = secret === undefined ? {} : { GITHUB_WEBHOOK_SECRET: secret };
  const { GITHUB_WEBHOOK_SECRET: _, ...rest } = env;
  return app.request('/webhooks/github', { method: 'POST', headers, body }, { ...rest, ...given });
}

const fanOutOf = ({ spec }: OpenTask) =>
  env.WEBHOOK_FAN_OUT.get(env.WEBHOOK_FAN_OUT.idFromName(fanOutName(spec.repository)));

/** A task whose pull request waits for its checks, and that its repository's fan-out knows. */
async function watching(repository = `demo/${ulid().toLowerCase()}`): Promise<OpenTask> {
  const task = await deliveredTask({ repository });
  await task.stub.advance(1, 2);
  await fanOutOf(task).watch(taskObjectName(task.spec.personId, task.spec.taskId));
  return task;
}

const looks = ({ fakes }: OpenTask) => fakes.host.asked.filter((one) => one === 'pullRequest');

describe('a webhook', () => {
  it('that is signed has the repository’s tasks look, once for each delivery', async () => {
    const task = await watching();
    const body = bodyOf(task.spec.repository);
    const headers = {
      'x-hub-signature-256': await signature(body),
      'x-github-delivery': crypto.randomUUID(),
    };
    expect((await post(headers, body)).status).toBe(202);
    expect(looks(task)).toHaveLength(1);
    // Another id does not make another delivery of it: only the body is signed.
    for (const id of [headers['x-github-delivery'], crypto.randomUUID(), '']) {
      const again = await post({ ...headers, 'x-github-delivery': id }, body);
      expect(await again.json()).toEqual({ done: 'seen before' });
    }
    expect(looks(task)).toHaveLength(1);
  });

  it.each([
    ['none', {}],
    ['another one', { 'x-hub-signature-256': `sha256=${'0'.repeat(64)}` }],
    ['one of the old kind', { 'x-hub-signature': `sha1=${'0'.repeat(40)}` }],
    ['half a one', { 'x-hub-signature-256': 'sha256=abc' }],
  ])('with %s for a signature changes nothing', async (_, headers) => {
    const task = await watching('demo/tasks');
    const response = await post({ 'x-github-delivery': ulid(), ...headers } as Record<
      string,
      string
    >);
    expect(response.status).toBe(401);
    expect(looks(task)).toEqual([]);
  });

  it('that was signed for another body, or with another secret, changes nothing', async () => {
    const task = await watching('demo/tasks');
    const delivery = { 'x-github-delivery': ulid() };
    const other = { ...delivery, 'x-hub-signature-256': await signature(`${BODY} `) };
    expect((await post(other)).status).toBe(401);
    const foreign = { ...delivery, 'x-hub-signature-256': await signature(BODY, 'guess') };
    expect((await post(foreign)).status).toBe(401);
    expect(looks(task)).toEqual([]);
  });

  it('is refused where no secret is set, whatever it is signed with', async () => {
    const headers = { 'x-hub-signature-256': await signature(BODY, 'x'), 'x-github-delivery': 'a' };
    const { GITHUB_WEBHOOK_SECRET: _, ...rest } = env;
    const request = { method: 'POST', headers, body: BODY };
    expect((await app.request('/webhooks/github', request, rest)).status).toBe(404);
  });

  it('of no repository is taken and does nothing', async () => {
    const body = JSON.stringify({ zen: 'Keep it logically awesome.' });
    const headers = {
      'x-hub-signature-256': await signature(body),
      'x-github-delivery': crypto.randomUUID(),
    };
    expect(await (await post(headers, body)).json()).toEqual({ done: 'ignored' });
  });
});

it('many deliveries within a moment are one look now and one after them', async () => {
  const task = await watching();
  const fanOut = fanOutOf(task);
  const poke = () => fanOut.poke(crypto.randomUUID());
  expect(await poke()).toBe('poked');
  const answers = await Promise.all(Array.from({ length: 50 }, poke));
  expect(new Set(answers)).toEqual(new Set(['later']));
  expect(looks(task)).toHaveLength(1);
  expect(await runDurableObjectAlarm(fanOut)).toBe(true);
  expect(looks(task)).toHaveLength(2);
  // Nothing is owed any more.
  expect(await runInDurableObject(fanOut, (_, { storage }) => storage.getAlarm())).toBeNull();
});

it('a delivery that comes while the tasks are told is told to them afterwards, and not twice', async () => {
  const task = await watching();
  const fanOut = fanOutOf(task);
  const { promise, resolve } = Promise.withResolvers<void>();
  const { pullRequest } = task.fakes.host.port;
  task.fakes.host.port.pullRequest = (...given) => promise.then(() => pullRequest(...given));
  const first = fanOut.poke(crypto.randomUUID());
  await expect
    .poll(() => runInDurableObject(fanOut, (_, { storage }) => storage.getAlarm()))
    .not.toBeNull();
  for (let more = 0; more < 5; more++) await fanOut.poke(crypto.randomUUID());
  resolve();
  expect(await first).toBe('poked');
  await runDurableObjectAlarm(fanOut);
  expect(looks(task)).toHaveLength(2);
});

it('a delivery that came when the alarm could not be set is no seen one when the host sends it again', async () => {
  const task = await watching();
  const fanOut = fanOutOf(task);
  const delivery = crypto.randomUUID();
  await runInDurableObject(fanOut, async (instance, { storage }) => {
    const set = vi.spyOn(storage, 'setAlarm').mockRejectedValueOnce(new Error('The object ends.'));
    await expect(instance.poke(delivery)).rejects.toThrow('The object ends.');
    set.mockRestore();
  });
  expect(looks(task)).toHaveLength(0);
  expect(await fanOut.poke(delivery)).not.toBe('seen before');
  await runDurableObjectAlarm(fanOut);
  expect(looks(task)).not.toHaveLength(0);
});

it('a task for which nothing at the host matters any more is poked no longer', async () => {
  const task = await watching();
  await ask(task.stub, CANCEL);
  const fanOut = fanOutOf(task);
  await fanOut.poke(crypto.randomUUID());
  const left = await runInDurableObject(fanOut, (_, { storage }) =>
    storage.sql
      .exec('SELECT task FROM watchers')
      .toArray()
      .map((row) => String(row.task)),
  );
  expect(left).not.toContain(taskObjectName(task.spec.personId, task.spec.taskId));
});

it('a pull request that is opened again at the host is looked after again', async () => {
  const task = await watching();
  const set = (state: 'open' | 'closed') => {
    task.fakes.host.pullRequests = task.fakes.host.pullRequests.map((one) => ({ ...one, state }));
  };
  set('closed');
  expect(await task.stub.poke()).toBe('looked');
  expect(await task.stub.summary()).toMatchObject({ status: 'Cancelled' });
  expect(await task.stub.poke()).toBe('looked');
  expect(await task.stub.summary()).toMatchObject({ status: 'Cancelled' });
  set('open');
  await task.stub.poke();
  expect(await task.stub.summary()).toMatchObject({ status: 'Checking' });
});

it('a delivery with a wrong signature is counted, one that says nothing of a signature is not', async () => {
  const counter = env.WEBHOOK_FAN_OUT.get(env.WEBHOOK_FAN_OUT.idFromName(UNSIGNED_NAME));
  const later = Date.now() + 60_000;
  const clock = vi.spyOn(Date, 'now').mockImplementation(() => later);
  try {
    expect((await post({ 'x-github-delivery': 'none' })).status).toBe(401);
    expect(await counter.unsigned()).not.toContain(later);
    const wrong = { 'x-hub-signature-256': await signature(BODY, 'another') };
    expect((await post({ ...wrong, 'x-github-delivery': 'wrong' })).status).toBe(401);
    expect(await counter.unsigned()).toContain(later);
    // A flood of them is not written down one by one.
    await post({ ...wrong, 'x-github-delivery': 'wrong again' });
    expect((await counter.unsigned()).filter((at) => at === later)).toHaveLength(1);
  } finally {
    clock.mockRestore();
  }
});
