import { runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CANCEL, type OpenTask, ask as askTask, startedTask } from '../testing/open-task.ts';

describe('what a task’s sandbox was refused', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['Date'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });
  const later = (ms: number) => vi.setSystemTime(Date.now() + ms);
  const get = async (task: OpenTask, url: string, method = 'GET') => {
    const asked = { method, url, leadsTo: 'anywhere' } as const;
    const answer = await task.stub.admitEgress(task.pass(), asked);
    return answer.is === 'ok' ? answer.value.verdict.is : answer.error;
  };

  it('is counted by host, newest first, however fast it asks', async () => {
    const task = await startedTask();
    const begun = Date.now();
    for (let times = 0; times < 50; times++) await get(task, 'https://example.com/');
    later(10);
    await get(task, 'https://registry.npmjs.org/x', 'PUT');
    await get(task, 'https://registry.npmjs.org/x');
    const rows = await task.stub.egressRefusals();
    expect(rows).toMatchObject([
      { asked: 'PUT registry.npmjs.org', count: 1 },
      { asked: 'example.com', count: 50, firstAt: begun },
    ]);
    later(5_000);
    await get(task, 'https://example.com/');
    expect(await task.stub.egressRefusals()).toMatchObject([
      { asked: 'example.com', count: 51, firstAt: begun, lastAt: begun + 5_010 },
      {},
    ]);
  });

  it('is a bounded list of the newest', async () => {
    const task = await startedTask();
    for (let name = 0; name < 150; name++) await get(task, `https://h${name}.example/`);
    const rows = (await task.stub.egressRefusals()) ?? [];
    expect(rows).toHaveLength(100);
    expect(rows.map(({ asked }) => asked)).toContain('h149.example');
    expect(rows.map(({ asked }) => asked)).not.toContain('h0.example');
  });

  it('is written together, however many hosts it asks for, and at once when nobody asks any more', async () => {
    const task = await startedTask();
    const written = () =>
      runInDurableObject(task.stub, (_, { storage }) =>
        storage.sql.exec('SELECT asked FROM egress_refusals').toArray(),
      );
    for (let name = 0; name < 50; name++) await get(task, `https://h${name}.example/`);
    expect(await written()).toHaveLength(1);
    expect(await task.stub.egressRefusals()).toHaveLength(50);
    expect(await written()).toHaveLength(1);
    later(10_000);
    await get(task, 'https://h0.example/');
    expect(await written()).toHaveLength(50);
    await get(task, 'https://last.example/');
    await askTask(task.stub, CANCEL);
    expect(await written()).toHaveLength(51);
    expect(await task.stub.egressRefusals()).toMatchObject([
      { asked: 'last.example' },
      { asked: 'h0.example', count: 2 },
      ...Array.from({ length: 49 }, () => ({ count: 1 })),
    ]);
  });

  it('may leave as soon as the person allows it, and no later', async () => {
    const task = await startedTask();
    expect(await get(task, 'https://example.com/')).toBe('refused');
    const asked = task.fakes.settingsRead;
    for (let times = 0; times < 20; times++) await get(task, 'https://example.com/');
    expect(task.fakes.settingsRead).toBe(asked);
    task.fakes.settings = {
      ...task.fakes.settings,
      egress: { is: 'list', hosts: ['example.com'] },
    };
    later(5_000);
    expect(await get(task, 'https://example.com/')).toBe('allowed');
    expect(task.fakes.settingsRead).toBe(asked + 1);
    task.fakes.settings = { ...task.fakes.settings, egress: { is: 'none' } };
    expect(await get(task, 'https://example.com/')).toBe('allowed');
    later(30_000);
    expect(await get(task, 'https://example.com/')).toBe('refused');
  });

  it('is what was set before while the conversation is away', async () => {
    const task = await startedTask();
    later(30_000);
    task.fakes.fails = { settings: 9 };
    expect(await get(task, 'https://registry.npmjs.org/x')).toBe('allowed');
    later(30_000);
    expect(await get(task, 'https://example.com/')).toBe('refused');
    expect(task.fakes.fails.settings).toBe(7);
  });

  it('is told of no task that is not there', async () => {
    const task = await startedTask();
    const nobody = env.TASK.get(env.TASK.idFromName('nobody'));
    expect(await nobody.egressRefusals()).toBeNull();
    const asked = { method: 'GET', url: 'https://example.com/', leadsTo: 'anywhere' } as const;
    expect(await nobody.admitEgress(task.pass(), asked)).toMatchObject({ error: 'unauthorized' });
  });
});
