import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { GivenValue } from '../protocol/setup.ts';
import { createGateway } from './gateway.ts';
import { processesWith } from './left-running.ts';
import { type SetUp, setUp } from './setup.ts';
import { openWorkspace } from './workspace.ts';
import { type FakeGateway, startFakeGateway } from './testing/fake-gateway.ts';
import { BRANCH, type Repositories, makeRepositories } from './testing/repositories.ts';

/** The step is a program of its own. */
const REAL_MS = 30_000;
const SECRET = 'hunter2-hunter2/+&';

let repositories: Repositories;
let gateway: FakeGateway;
let sandboxes = 0;

beforeEach(async () => {
  repositories = makeRepositories();
  gateway = await startFakeGateway(repositories.origin, null);
  sandboxes = 0;
});
afterEach(async () => {
  await gateway.stop();
  repositories.remove();
});

const value = (name: string, text: string, more: Partial<GivenValue> = {}): GivenValue => ({
  name,
  value: text,
  isSecret: false,
  during: 'setup',
  ...more,
});
const secret = () => value('TOKEN', SECRET, { isSecret: true });

function script(text: string): void {
  repositories.person.commit('Set up', { '.mainloop/setup.sh': text });
  repositories.person.git('push', '--quiet', 'origin', 'main');
}

/** A new sandbox at the same place, as each generation of a task is. */
async function sandbox(options: { timeLimitMs?: number; signal?: AbortSignal } = {}) {
  const name = 'workspace';
  const home = path.join(repositories.folder, 'home');
  for (const folder of [home, path.join(repositories.folder, name)]) {
    rmSync(folder, { recursive: true, force: true });
  }
  const clone = repositories.sandbox(name);
  const { directory, runner } = clone;
  const from = gateway.events.length;
  const access = { gateway: gateway.url, token: `token-${++sandboxes}` };
  const client = createGateway(access.gateway, access.token);
  const parts = {
    directory,
    git: runner,
    home,
    brief: { setup: gateway.kept.get('setup')?.key ?? null },
    access,
    report: (body: FakeGateway['events'][number]) => {
      if (body.type !== 'result') gateway.events.push(body);
    },
    environment: { PATH: process.env.PATH ?? '', HOME: home, LANG: 'C.UTF-8', TZ: 'UTC' },
    signal: options.signal ?? new AbortController().signal,
    ...options,
  };
  const done: SetUp | null = await setUp(parts, await client.setup({ for: 'work' }));
  const events = gateway.events.slice(from);
  const output = events.map((body) => (body.type === 'setup_output' ? body.text : '')).join('');
  const end = events.find((body) => body.type === 'setup_ended');
  const steps = events.flatMap((body) => (body.type === 'step' ? [body.text] : []));
  return { ...clone, done, output, end, steps, home };
}

describe('a set-up script', () => {
  it(
    'runs in the repository, with its variables and secrets, and shows its output without these',
    async () => {
      gateway.setup.values = [value('MODE', 'fast'), secret()];
      script(`#!/bin/bash
pwd; echo "mode $MODE"; echo "token $TOKEN"; printf %s "user:$TOKEN" | base64 >&2; for part in hun ter2-hun; do printf $part; echo -n >&2; done; printf 'ter2/+&\\n' >&2
test "$MAINLOOP_TASK_TOKEN" = "" && echo alone; env | grep -c MAINLOOP_TASK
`);
      const { done, output, end, directory } = await sandbox();
      expect(output).toContain(`${directory}\nmode fast\ntoken [secret]\n`);
      expect(output).toContain('alone\n0\n');
      expect(output).toMatch(/^[\w+/]*\[secret\][\w+/]*=*$/m);
      expect(JSON.stringify(gateway.events)).not.toContain('hunter2');
      expect(end).toMatchObject({ outcome: 'failed', exitCode: 1 });
      expect(done?.note).toContain('exit code 1');
      expect(done?.note).toContain('token [secret]');
      expect(gateway.setupAsked).toEqual(['work', 'setup']);
      expect(gateway.kept.size).toBe(0);
    },
    REAL_MS,
  );

  it(
    'that takes too long is ended with all that it has started',
    async () => {
      script('(setsid sleep 1000 &) ; sleep 1000 & echo begun; sleep 1000');
      const { done, output, end } = await sandbox({ timeLimitMs: 500 });
      expect(output).toBe('begun\n');
      expect(end).toMatchObject({ outcome: 'too_long', exitCode: null });
      expect(done?.note).toContain('took too long');
      expect(processesWith(`HOME=${path.join(repositories.folder, 'home')}`)).toEqual([]);
    },
    REAL_MS,
  );

  it(
    'is ended when nobody wants it any more',
    async () => {
      script('echo begun; sleep 1000');
      const stop = new AbortController();
      const running = sandbox({ signal: stop.signal });
      await expect
        .poll(() => gateway.events.some((body) => body.type === 'setup_output'), { timeout: 5_000 })
        .toBe(true);
      stop.abort();
      expect((await running).done).toMatchObject({ outcome: 'stopped' });
    },
    REAL_MS,
  );

  it(
    'leaves nothing running, however it was started: that would keep its environment',
    async () => {
      gateway.setup.values = [secret()];
      script('setsid nohup sleep 1000 >/dev/null 2>&1 & (sleep 1000 &) ; sleep 0.2; echo done');
      const { done, steps } = await sandbox();
      expect(done).toEqual({ outcome: 'done', note: '' });
      expect(steps).toEqual(['Ended what the set-up had left running: sleep']);
      expect(processesWith(`TOKEN=${SECRET}`)).toEqual([]);
    },
    REAL_MS,
  );

  it(
    'that leaves a secret in a file is told of, and not kept',
    async () => {
      gateway.setup.values = [secret()];
      script(`git config remote.private.url "https://u:$TOKEN@host/"
echo "//registry/:_auth=$(printf 'u:%s' "$TOKEN" | base64)" > ~/.npmrc
mkdir -p ~/.pip && echo harmless > ~/.pip/pip.conf; echo built > build.txt`);
      const { done, end, home, directory } = await sandbox();
      const files = [path.join(home, '.npmrc'), path.join(directory, '.git/config')].toSorted();
      expect(end).toMatchObject({ outcome: 'done', secretsIn: files });
      expect(done?.note).toContain('Do not print');
      expect(done?.note).toContain('.npmrc');
      expect(gateway.kept.size).toBe(0);
    },
    REAL_MS,
  );

  it(
    'changes nothing that is committed, and what it makes is in no commit',
    async () => {
      script(
        "echo 'changed' > a.txt; mkdir -p 'made #1'; echo x > 'made #1/x y'; echo z > '!z'; git commit -qam No",
      );
      const { done, runner, read } = await sandbox();
      expect(done?.outcome).toBe('failed');
      expect(read('a.txt')).toBe('one\ntwo\nthree\n');
      expect(await runner.run(['status', '--porcelain'])).toBe('');
      expect(await runner.run(['log', '-1', '--format=%s'])).toBe('Set up');
      expect(read('made #1/x y')).toBe('x\n');
    },
    REAL_MS,
  );

  it.each([
    ['is not there', () => {}],
    [
      'is a link',
      () => {
        const { directory } = repositories.person;
        mkdirSync(path.join(directory, '.mainloop'));
        symlinkSync('/etc/profile', path.join(directory, '.mainloop/setup.sh'));
        repositories.person.commit('Link', {});
        repositories.person.git('push', '--quiet', 'origin', 'main');
      },
    ],
  ])('that %s is not run, and no secret is asked for', async (_, make) => {
    make();
    gateway.setup.values = [secret()];
    expect((await sandbox()).done).toBeNull();
    expect(gateway.setupAsked).toEqual(['work']);
  });
});

describe('what a set-up has written', () => {
  const BUILD = `echo run; mkdir -p node_modules/.bin ~/.local/bin; echo tool > node_modules/.bin/tool
echo '#!/bin/sh' > ~/.local/bin/hello; chmod 755 ~/.local/bin/hello; ln -s hello ~/.local/bin/link`;

  it(
    'is put back in the task’s next sandbox, which asks for no secret',
    async () => {
      gateway.setup.values = [secret()];
      script(BUILD);
      expect((await sandbox()).output).toBe('run\n');
      const { done, output, read, home, end, runner } = await sandbox();
      expect([done, output]).toEqual([{ outcome: 'restored', note: '' }, '']);
      expect(end).toMatchObject({ outcome: 'restored', secretsIn: [] });
      expect(read('node_modules/.bin/tool')).toBe('tool\n');
      expect(readFileSync(path.join(home, '.local/bin/link'), 'utf8')).toBe('#!/bin/sh\n');
      expect(await runner.run(['status', '--porcelain'])).toBe('');
      expect(gateway.setupAsked).toEqual(['work', 'setup', 'work']);
      expect(gateway.kept.get('setup')?.body.includes('hunter2')).toBe(false);
    },
    REAL_MS,
  );

  it(
    'is not used where it is damaged, the script is another, or a secret came: the script is run again',
    async () => {
      script(BUILD);
      await sandbox();
      const changes = [
        () => {
          const body = gateway.kept.get('setup')?.body;
          if (body !== undefined) body[body.byteLength - 5] = (body.at(-5) ?? 0) ^ 1;
        },
        () => script(`${BUILD}\n# more`),
        () => void gateway.setup.values.push(secret()),
      ];
      for (const change of changes) {
        change();
        const { output, done } = await sandbox();
        expect([output, done?.outcome]).toEqual(['run\n', 'done']);
      }
    },
    REAL_MS,
  );

  it(
    'is not kept when it is too large, which is said',
    async () => {
      script('head -c 101000000 /dev/urandom > large.bin');
      const { steps, directory } = await sandbox();
      expect(steps).toEqual([expect.stringContaining('over 100 MB')]);
      expect(gateway.kept.size).toBe(0);
      expect(existsSync(path.join(directory, 'large.bin'))).toBe(true);
    },
    REAL_MS,
  );
});

it('a set-up finds the base branch, whatever a worker has pushed', async () => {
  script('echo base');
  const { person } = repositories;
  person.git('checkout', '--quiet', '-b', BRANCH);
  person.commit('Ours', { '.mainloop/setup.sh': 'echo "$TOKEN"' });
  person.git('push', '--quiet', 'origin', BRANCH);
  const access = { gateway: gateway.url, token: 'token' };
  const root = path.join(repositories.folder, 'workspace');
  const found: string[] = [];
  const workspace = await openWorkspace(
    root,
    gateway.brief,
    createGateway(access.gateway, access.token),
    access,
    async (git) => {
      found.push(await git.run(['show', 'HEAD:.mainloop/setup.sh']));
    },
  );
  expect(found).toEqual(['echo base']);
  expect(await workspace.git.run(['show', 'HEAD:.mainloop/setup.sh'])).toBe('echo "$TOKEN"');
});
