import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EXIT_LEAVING } from './leaving.ts';
import { type FakeGateway, type Held, startFakeGateway } from './testing/fake-gateway.ts';
import { BRANCH, type Repositories, makeRepositories } from './testing/repositories.ts';

const RUNNER = fileURLToPath(new URL('runner.ts', import.meta.url));
/** The runner and Claude Code are real programs here. */
const REAL_MS = 120_000;

let repositories: Repositories;
let gateway: FakeGateway;
let child: ChildProcess;

beforeEach(() => {
  repositories = makeRepositories();
});
afterEach(async () => {
  signal('SIGKILL');
  await gateway.stop();
  repositories.remove();
});

/** To the runner with all that it has started. */
function signal(name: 'SIGTERM' | 'SIGKILL'): void {
  try {
    process.kill(-(child.pid ?? 0), name);
  } catch {
    // Gone already.
  }
}

/** All that a process has started, and what they have. */
function partsOf(pid: number): number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
  const pids = children.split(' ').filter(Boolean).map(Number);
  return [...pids, ...pids.flatMap(partsOf)];
}

async function run(held: Held): Promise<{ output: Promise<string>; exit: Promise<unknown> }> {
  gateway = await startFakeGateway(repositories.origin, held);
  const home = path.join(repositories.folder, 'home');
  child = spawn(process.execPath, [RUNNER], {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env.PATH,
      HOME: home,
      CLAUDE_CONFIG_DIR: path.join(home, '.claude'),
      MAINLOOP_GATEWAY: gateway.url,
      MAINLOOP_TASK_TOKEN: 'mlt.token',
      MAINLOOP_WORKSPACE: path.join(repositories.folder, 'workspace'),
    },
  });
  const { stdout, stderr } = child;
  if (stdout === null || stderr === null) throw new Error('It has no output.');
  const output = Promise.all([text(stdout), text(stderr)]).then((both) => both.join('\n'));
  return { output, exit: once(child, 'exit').then(([code]) => code) };
}

const results = () =>
  gateway.events.flatMap((body) => (body.type === 'result' ? [body.result] : []));

it(
  'the work is done, kept, pushed and reported',
  async () => {
    const { exit } = await run(null);
    expect(await exit).toBe(0);
    expect(results()).toMatchObject([{ is: 'delivered', summary: 'Made it.' }]);
    expect(repositories.subjects()).toEqual(['Make it', 'Begin']);
    expect(gateway.checkpoints.map(({ part }) => part)).toContain('bundle');
  },
  REAL_MS,
);

it(
  'what a person pushed during the turn is the next turn’s, and the work comes on top of it',
  async () => {
    const { exit } = await run(null);
    const { person } = repositories;
    gateway.onFirstEnd = () => {
      person.git('checkout', '--quiet', '-b', BRANCH);
      person.commit('Theirs', { 'person.txt': 'p\n' });
      person.git('push', '--quiet', 'origin', BRANCH);
    };
    expect(await exit).toBe(0);
    expect(gateway.calls.at(-1)).toContain('Theirs');
    expect(results()).toMatchObject([{ is: 'delivered', summary: 'Made it.' }]);
    expect(repositories.subjects()).toEqual(['Make it', 'Theirs', 'Begin']);
  },
  REAL_MS,
);

describe('told to go', () => {
  it(
    'while it clones, it goes without a word of failure',
    async () => {
      const { exit } = await run('git-upload-pack');
      await gateway.reached;
      // In the worst order: git is dead before the runner hears why.
      for (const part of partsOf(child.pid ?? 0)) process.kill(part, 'SIGTERM');
      await sleep(200);
      signal('SIGTERM');
      expect(await exit).toBe(EXIT_LEAVING);
      expect(results()).toEqual([]);
    },
    REAL_MS,
  );

  it.each([
    ['in the middle of a turn', 'second model call'],
    ['while it pushes', 'git-receive-pack'],
  ] as const)(
    '%s, it keeps a checkpoint and goes: no failure is reported, though Claude Code and git die of the same signal',
    async (_, held) => {
      const { exit } = await run(held);
      await gateway.reached;
      gateway.checkpoints.length = 0;
      // Long enough for a failure to be reported while it is under way.
      gateway.checkpointMs = 2_000;
      // Something that no checkpoint has yet.
      repositories.write('workspace/repo/late.txt', 'late\n');
      signal('SIGTERM');
      expect(await exit).toBe(EXIT_LEAVING);
      expect(results()).toEqual([]);
      expect(gateway.checkpoints.map(({ part }) => part)).toContain('bundle');
    },
    REAL_MS,
  );
});
