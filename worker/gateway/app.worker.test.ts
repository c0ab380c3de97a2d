import { env } from 'cloudflare:workers';
import { ulid } from 'ulid';
import { describe, expect, it } from 'vitest';
import {
  Brief,
  EVENT_BATCH_READ_MAX_BYTES,
  GatewayRefusal,
  Mailbox,
} from '../../protocol/runner.ts';
import {
  APP,
  CANCEL,
  RETRY,
  ask as askTask,
  say,
  startedTask,
  step,
} from '../tasks/testing/open-task.ts';
import { gateway } from './app.ts';
import { AFTER, BEFORE, pushHead } from './testing/push.ts';
import { formatToken } from './token.ts';

type Started = Awaited<ReturnType<typeof startedTask>>;

/** Asks as the task's runner, or with another token. */
async function ask(task: Started, path: string, init: RequestInit = {}, token?: string) {
  const headers = new Headers(init.headers);
  headers.set('authorization', `Bearer ${token ?? formatToken(task.pass())}`);
  const request = new Request(`http://gateway.test/gateway/${path}`, { ...init, headers });
  return gateway.fetch(request, env);
}

const post = (body: unknown): RequestInit => ({ method: 'POST', body: JSON.stringify(body) });

async function refusalOf(answer: Response) {
  return { status: answer.status, ...GatewayRefusal.parse(await answer.json()) };
}

const ROUTES: [string, RequestInit][] = [
  ['brief', {}],
  ['events', post({ events: [], acknowledged: [] })],
  ['mailbox', {}],
  ['checkpoints/bundle', {}],
  ['checkpoints/bundle', { method: 'PUT', body: 'x' }],
  ['push', post({})],
  ['attachments/01ARZ3NDEKTSV4RRFFQ69G5FAV', {}],
  ['git/demo/tasks.git/info/refs?service=git-upload-pack', {}],
  ['model/v1/messages', post({ model: 'claude-opus-5-5' })],
];

describe.each(ROUTES)('%s', (path, init) => {
  it('opens to nobody without a token that holds', async () => {
    const task = await startedTask();
    const right = task.pass();
    const wrong = [
      'garbage',
      '',
      formatToken({ ...right, secret: 'x'.repeat(43) }),
      formatToken({ ...right, objectId: 'f'.repeat(64) }),
      formatToken({ ...right, objectId: env.MAIN_THREAD.idFromName('ada').toString() }),
      formatToken({ ...right, objectId: env.TASK.idFromName('nothing').toString() }),
    ];
    for (const token of wrong) {
      const answer = await ask(task, path, init, token);
      expect(answer.headers.get('www-authenticate')).toMatch(/^Basic/);
      expect(await refusalOf(answer)).toMatchObject({ status: 401, error: 'unauthorized' });
    }
    const bare = await gateway.fetch(new Request(`http://gateway.test/gateway/${path}`, init), env);
    expect(bare.status).toBe(401);
  });

  it('is shut once the task was cancelled', async () => {
    const task = await startedTask();
    await task.stub.command(ulid(), CANCEL, APP);
    expect(await refusalOf(await ask(task, path, init))).toMatchObject({
      status: 410,
      error: 'gone',
    });
  });
});

describe('the runner', () => {
  it('gets its brief and its mail, and hands in its events', async () => {
    const task = await startedTask();
    const brief = Brief.parse(await (await ask(task, 'brief')).json());
    expect(brief).toMatchObject({ taskId: task.spec.taskId, generation: 1 });
    const batch = post({ events: [step(1), step(2)], acknowledged: [] });
    expect(await (await ask(task, 'events', batch)).json()).toEqual({ stored: 2 });
    await task.stub.command(ulid(), say('Use tabs.'), APP);
    const mail = Mailbox.parse(await (await ask(task, 'mailbox')).json());
    expect(mail.items).toMatchObject([{ type: 'message', text: 'Use tabs.' }]);
  });

  it.each([
    ['no JSON', '{'],
    ['nothing', ''],
    ['no batch', '[]'],
    ['an unknown event', JSON.stringify({ events: [{ number: 1 }], acknowledged: [] })],
    ['number 0', JSON.stringify({ events: [step(0)], acknowledged: [] })],
    [
      'a status of its own making',
      JSON.stringify({
        events: [{ number: 1, at: 1, body: { type: 'status', status: 'Done', note: null } }],
        acknowledged: [],
      }),
    ],
  ])('is told that a batch of %s is malformed', async (_, body) => {
    const task = await startedTask();
    const answer = await ask(task, 'events', { method: 'POST', body });
    expect(await refusalOf(answer)).toMatchObject({ status: 400, error: 'malformed' });
  });

  it('is told that a batch is too large, whatever it says of its length', async () => {
    const task = await startedTask();
    const half = () => new Uint8Array(EVENT_BATCH_READ_MAX_BYTES / 2 + 1).fill(120);
    const body = new ReadableStream({
      type: 'bytes',
      start: (controller: ReadableByteStreamController) => {
        for (let part = 0; part < 2; part++) controller.enqueue(half());
        controller.close();
      },
    });
    const answer = await ask(task, 'events', { method: 'POST', body });
    expect(await refusalOf(answer)).toMatchObject({ status: 413, error: 'too_large' });
  });

  it('finds nothing on any other path', async () => {
    const task = await startedTask();
    for (const path of ['', 'tasks', 'events/1', 'checkpoints', '../api/thread']) {
      expect((await ask(task, path)).status).toBe(404);
    }
    expect((await ask(task, 'brief', { method: 'DELETE' })).status).toBe(404);
  });
});

describe('git', () => {
  const commands = (ref: string, after = 'b'.repeat(40)) => pushHead([{ ref, after }]);
  const push = (task: Started, body: string) =>
    ask(task, `git/${task.spec.repository}.git/git-receive-pack`, { method: 'POST', body });

  it.each([
    'git/demo/other.git',
    'git/other/tasks.git',
    'git/demo/tasks.git/../other.git',
    'git/demo/%2e%2e%2fother.git',
    'git/demo/tasks%00.git',
    'git/-demo/--upload-pack=x.git',
  ])('of another repository is forbidden: %s', async (repository) => {
    const task = await startedTask();
    const answer = await ask(task, `${repository}/info/refs?service=git-upload-pack`);
    expect(await refusalOf(answer)).toMatchObject({ status: 403, error: 'forbidden' });
  });

  it('takes the task’s repository with and without .git, and its own branch', async () => {
    const task = await startedTask();
    // There is no git host behind these tests: that it cannot be reached shows that it was asked.
    for (const path of ['git/demo/tasks.git', 'git/demo/tasks']) {
      const answer = await ask(task, `${path}/info/refs?service=git-upload-pack`);
      expect(answer.status).toBe(502);
    }
  });

  it('takes a push of its own branch once its task was shown what it brings', async () => {
    const task = await startedTask();
    const own = commands(`refs/heads/${task.spec.branch}`);
    expect((await push(task, own)).status).toBe(403);
    task.fakes.host.compared = 'ahead';
    const seen = { commit: AFTER, before: null, base: BEFORE, fresh: [], paths: [] };
    await task.stub.clearPush(task.pass(), seen);
    expect((await push(task, own)).status).toBe(502);
    expect((await ask(task, 'push', post({ ...seen, objects: [] }))).status).toBe(400);
    const great = await ask(task, 'push', { method: 'POST', body: 'x'.repeat(4_000_001) });
    expect(await great.json()).toMatchObject({ is: 'refused', text: /more than a person/ });
  });

  it('forbids a push of another branch and a deletion', async () => {
    const task = await startedTask();
    const own = `refs/heads/${task.spec.branch}`;
    for (const body of [commands('refs/heads/main'), commands(own, '0'.repeat(40))]) {
      const refusal = await refusalOf(await push(task, body));
      expect(refusal).toMatchObject({ status: 403, error: 'forbidden' });
    }
  });

  it('takes the token as git’s password', async () => {
    const task = await startedTask();
    const authorization = `Basic ${btoa(`x-access-token:${formatToken(task.pass())}`)}`;
    const url = 'http://gateway.test/gateway/git/demo/other.git/info/refs?service=git-upload-pack';
    const answer = await gateway.fetch(new Request(url, { headers: { authorization } }), env);
    expect(answer.status).toBe(403);
  });
});

describe('the model', () => {
  it('is asked for what the task may use only', async () => {
    const task = await startedTask();
    const model = (name: string) =>
      ask(task, 'model/v1/messages', post({ model: name, messages: [] }));
    expect((await model('claude-opus-5-5')).status).toBe(502);
    expect((await model('claude-haiku-5-5')).status).toBe(502);
    expect(await refusalOf(await model('claude-sonnet-5-5'))).toMatchObject({ status: 403 });
    const files = await ask(task, 'model/v1/files', post({ model: 'claude-opus-5-5' }));
    expect(files.status).toBe(403);
  });
});

describe('checkpoints', () => {
  const put = (task: Started, part: string, body: BodyInit, headers: Record<string, string>) =>
    ask(task, `checkpoints/${part}`, { method: 'PUT', body, headers });
  const commit = 'b'.repeat(40);
  const of = (text: string) => ({
    'content-length': String(text.length),
    'x-mainloop-commit': commit,
    'x-mainloop-session': crypto.randomUUID(),
  });

  it('come back as they were kept, in the next sandbox too', async () => {
    const task = await startedTask();
    expect((await ask(task, 'checkpoints/bundle')).status).toBe(404);
    expect((await put(task, 'bundle', 'PACK 1', of('PACK 1'))).status).toBe(204);
    expect((await put(task, 'bundle', 'PACK 2', of('PACK 2'))).status).toBe(204);
    await task.stub.command(ulid(), CANCEL, APP);
    await task.stub.command(ulid(), RETRY, APP);
    await task.stub.advance(2, 1);
    expect(await (await ask(task, 'checkpoints/bundle')).text()).toBe('PACK 2');
    expect((await ask(task, 'checkpoints/transcript')).status).toBe(404);
    expect((await put(task, 'transcript', '{}', of('{}'))).status).toBe(204);
    expect(await (await ask(task, 'checkpoints/transcript')).text()).toBe('{}');
  });

  it('of one task are not another’s', async () => {
    const [one, other] = [await startedTask(), await startedTask()];
    await put(one, 'bundle', 'PACK', of('PACK'));
    expect((await ask(other, 'checkpoints/bundle')).status).toBe(404);
  });

  it('of an unknown name, without a length or without their news are malformed', async () => {
    const task = await startedTask();
    const { 'content-length': length, ...news } = of('PACK');
    const answers = [
      await put(task, 'passwords', 'PACK', of('PACK')),
      await put(task, 'bundle', 'PACK', { 'content-length': length }),
      await put(task, 'bundle', 'PACK', { ...of('PACK'), 'x-mainloop-commit': 'HEAD' }),
      await put(task, 'transcript', 'PACK', { ...of('PACK'), 'x-mainloop-session': '../x' }),
      await put(task, 'bundle', new Response('PACK').body ?? '', news),
    ];
    for (const answer of answers) {
      expect(await refusalOf(answer)).toMatchObject({ status: 400, error: 'malformed' });
    }
    expect((await ask(task, 'checkpoints/passwords')).status).toBe(404);
  });

  it('that are too large are refused before they are read', async () => {
    const task = await startedTask();
    const headers = { ...of(''), 'content-length': '100000001' };
    const answer = await put(task, 'bundle', new Response('x').body ?? '', headers);
    expect(await refusalOf(answer)).toMatchObject({ status: 413, error: 'too_large' });
  });

  it('of a replaced sandbox are refused and change nothing', async () => {
    const task = await startedTask();
    await put(task, 'bundle', 'PACK 1', of('PACK 1'));
    const old = formatToken(task.pass());
    await task.stub.command(ulid(), CANCEL, APP);
    await task.stub.command(ulid(), RETRY, APP);
    await task.stub.advance(2, 1);
    const init = { method: 'PUT', body: 'PACK 9', headers: of('PACK 9') };
    expect((await ask(task, 'checkpoints/bundle', init, old)).status).toBe(410);
    expect(await (await ask(task, 'checkpoints/bundle')).text()).toBe('PACK 1');
  });

  it('of a sandbox that is replaced while it uploads are refused at the end, and do not stay', async () => {
    const task = await startedTask();
    const [uploading, replaced] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const chunks = ['PAC', 'K 9'].map((text) => new TextEncoder().encode(text));
    const body = new ReadableStream<Uint8Array>({
      // Asked for a second chunk, it knows that the first was taken.
      pull: async (controller) => {
        if (chunks.length === 1) {
          uploading.resolve();
          await replaced.promise;
        }
        const chunk = chunks.shift();
        if (chunk === undefined) controller.close();
        else controller.enqueue(chunk);
      },
    });
    const late = put(task, 'bundle', body, of('PACK 9'));
    await uploading.promise;
    const list = () => env.CHECKPOINTS.list({ prefix: `${task.spec.taskId}/` });
    await askTask(task.stub, CANCEL);
    await askTask(task.stub, RETRY);
    await task.stub.advance(2, 1);
    expect((await put(task, 'bundle', 'PACK 1', of('PACK 1'))).status).toBe(204);
    replaced.resolve();
    expect((await late).status).toBe(410);
    expect(await (await ask(task, 'checkpoints/bundle')).text()).toBe('PACK 1');
    await expect.poll(async () => (await list()).objects.length).toBe(1);
  });
});
