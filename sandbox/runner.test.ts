import type { ChildProcess } from 'node:child_process';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ulid } from 'ulid';
import type { PushVerdict } from '../protocol/power.ts';
import { EXIT_LEAVING } from './leaving.ts';
import { processesWith } from './left-running.ts';
import { type FakeGateway, type Held, startFakeGateway } from './testing/fake-gateway.ts';
import { partsOf } from './testing/parts-of.ts';
import { BRANCH, type Repositories, makeRepositories } from './testing/repositories.ts';
import { type StartedRunner, signalAll, startRunner } from './testing/start-runner.ts';

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

const signal = (name: 'SIGTERM' | 'SIGKILL') => signalAll(child, name);

async function run(held: Held): Promise<Pick<StartedRunner, 'output' | 'exit'>> {
  gateway = await startFakeGateway(repositories.origin, held);
  const started = startRunner(repositories, gateway);
  ({ child } = started);
  return started;
}

const results = () =>
  gateway.events.flatMap((body) => (body.type === 'result' ? [body.result] : []));

describe('a push that is held', () => {
  const said = (words: string) => ({ type: 'message', id: ulid(), text: words }) as const;
  const heldOnce = async (...then: PushVerdict[]) => {
    const running = await run(null);
    gateway.verdicts = [{ is: 'held' }, ...then];
    await expect.poll(() => gateway.pushes.length, { timeout: REAL_MS }).toBe(1);
    return running;
  };

  it(
    'goes through without another turn once the person allows it',
    async () => {
      const running = await heldOnce();
      expect(repositories.subjects()).toBeNull();
      const calls = gateway.calls.length;
      gateway.mail = [said('The person allows it.')];
      expect(await running.exit).toBe(0);
      expect(repositories.subjects()).toEqual(['Make it', 'Begin']);
      expect(results()).toMatchObject([{ is: 'delivered', commit: gateway.pushes[0]?.commit }]);
      expect(gateway.pushes).toHaveLength(2);
      expect(gateway.calls).toHaveLength(calls);
      expect(gateway.mail).toEqual([]);
    },
    REAL_MS,
  );

  it(
    'goes back to the worker in words where the person does not allow it',
    async () => {
      const running = await heldOnce({ is: 'refused', text: 'Take it back.' });
      gateway.mail = [said('The person does not allow it: no curl.')];
      expect(await running.exit).toBe(0);
      expect(gateway.calls.at(-1)).toContain('Take it back.');
      expect(gateway.calls.join()).toContain('no curl.');
      expect(results()).toMatchObject([{ is: 'delivered' }]);
      expect(gateway.mail).toEqual([]);
    },
    REAL_MS,
  );

  it(
    'waits in its checkpoint for a person who takes days',
    async () => {
      const running = await heldOnce();
      gateway.mail = [{ type: 'park', id: ulid() }];
      expect(await running.exit).toBe(0);
      expect(results()).toEqual([{ is: 'parked' }]);
      expect(repositories.subjects()).toBeNull();
      expect(gateway.checkpoints.map(({ part }) => part)).toContain('bundle');
    },
    REAL_MS,
  );
});

it(
  'what a sub-agent does and says is reported with the call that began it',
  async () => {
    const running = await run(null);
    gateway.script = [
      {
        id: 'toolu_agent',
        tool: 'Agent',
        input: {
          description: 'Look',
          prompt: 'Look around.',
          subagent_type: 'general-purpose',
          run_in_background: false,
        },
      },
      { id: 'toolu_inner', tool: 'Bash', input: { command: 'echo looked', description: 'Look' } },
      { words: 'There is nothing.' },
      { id: 'toolu_1', tool: 'Bash', input: { command: 'true', description: 'Nothing' } },
    ];
    expect(await running.exit).toBe(0);
    const parents = gateway.events.flatMap((body) => {
      if (body.type === 'tool_call') return [[body.tool, body.parent]];
      if (body.type === 'tool_result') return [[body.toolUseId, body.parent]];
      return body.type === 'text' ? [[body.text.split('\n')[0], body.parent]] : [];
    });
    expect(parents).toEqual([
      ['Agent', null],
      ['Bash', 'toolu_agent'],
      ['toolu_inner', 'toolu_agent'],
      ['There is nothing.', 'toolu_agent'],
      ['toolu_agent', null],
      ['Bash', null],
      ['toolu_1', null],
      ['Done.', null],
    ]);
  },
  REAL_MS,
);

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

describe('while a set-up runs', () => {
  const begun = () =>
    expect
      .poll(() => gateway.events.some(({ type }) => type === 'setup_output'), { timeout: 20_000 })
      .toBe(true);
  const home = () => `HOME=${path.join(repositories.folder, 'home')}`;
  /** Whose set-up has begun, and does not end by itself. */
  async function settingUp() {
    const { person } = repositories;
    person.commit('Set up', { '.mainloop/setup.sh': 'echo begun; setsid sleep 1000 & wait' });
    person.git('push', '--quiet', 'origin', 'main');
    const running = await run(null);
    await begun();
    return running;
  }

  it(
    'the person stops it, and their next word goes on without it',
    async () => {
      const { exit } = await settingUp();
      gateway.mail.push({ type: 'interrupt', id: ulid() });
      await expect
        .poll(() => gateway.events.map(({ type }) => type), { timeout: 20_000 })
        .toContain('interrupted');
      expect(gateway.events).toContainEqual(expect.objectContaining({ outcome: 'stopped' }));
      expect(gateway.calls).toEqual([]);
      gateway.mail.push({ type: 'message', id: ulid(), text: 'Never mind the set-up' });
      expect(await exit).toBe(0);
      const [first = ''] = gateway.calls;
      expect(first).toContain('was stopped by the person');
      expect(gateway.calls.join()).toContain('Never mind the set-up');
      expect(results()).toMatchObject([{ is: 'delivered' }]);
      expect(processesWith(home())).toEqual([]);
    },
    REAL_MS,
  );

  it(
    'a sandbox that is not needed ends with it, and says that it is parked',
    async () => {
      const { exit } = await settingUp();
      gateway.mail.push({ type: 'park', id: ulid() });
      expect(await exit).toBe(0);
      expect(results()).toEqual([{ is: 'parked' }]);
      expect(processesWith(home())).toEqual([]);
    },
    REAL_MS,
  );

  it(
    'a sandbox that has to go takes it along, at once',
    async () => {
      const { exit } = await settingUp();
      child.kill('SIGTERM');
      expect(await exit).toBe(EXIT_LEAVING);
      expect(results()).toEqual([]);
      await expect.poll(() => processesWith(home()), { timeout: 10_000 }).toEqual([]);
    },
    REAL_MS,
  );
});

describe('told to go', () => {
  it(
    'while it clones, it goes without a word of failure',
    async () => {
      const { exit } = await run('git-upload-pack');
      await gateway.reached;
      // In the worst order: git is dead before the runner hears why.
      for (const part of partsOf(child.pid ?? 0)) {
        try {
          process.kill(part, 'SIGTERM');
        } catch {
          // Gone already, with the one that started it.
        }
      }
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
