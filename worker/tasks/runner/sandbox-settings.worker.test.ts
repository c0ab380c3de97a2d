import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { DEFAULT_REPOSITORY_SETTINGS } from '../../../protocol/settings.ts';
import { openThread } from '../../thread/testing/open-thread.ts';
import type { SandboxSettings } from '../api.ts';
import { queuedTask } from '../testing/open-task.ts';
import { DEAF } from '../../thread/testing/real-tasks.ts';
import { SandboxSettingsReader } from './sandbox-settings.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'] });
});
afterEach(() => {
  vi.useRealTimers();
});
const pass = (ms: number) => vi.setSystemTime(Date.now() + ms);

const NONE: SandboxSettings = { egress: { is: 'none' }, instance: 'lite', trusted: false };
const OPEN: SandboxSettings = { egress: { is: 'open' }, instance: 'standard-4', trusted: true };

/** A reader beside a conversation that answers as it is told. */
function reading(answer: () => Promise<SandboxSettings>) {
  const asked: string[] = [];
  const state = { answer };
  const sandboxSettings = (repository: string) => {
    asked.push(repository);
    return state.answer();
  };
  const api = { ...DEAF, sandboxSettings };
  const reader = new SandboxSettingsReader(() => ({ api, repository: 'acme/todo' }));
  return { reader, asked, state };
}

describe('what is set for a task’s sandboxes', () => {
  it('is asked for once by all who ask at the same time, and again only once it is too old', async () => {
    const { reader, asked, state } = reading(async () => NONE);
    expect(await Promise.all([reader.read(), reader.read(5_000)])).toEqual([NONE, NONE]);
    state.answer = async () => OPEN;
    pass(4_999);
    expect(await reader.read(5_000)).toEqual(NONE);
    pass(1);
    expect(await reader.read(5_000)).toEqual(OPEN);
    expect(asked).toEqual(['acme/todo', 'acme/todo']);
  });

  it('stays as it was while the conversation does not answer, for which nobody waits long', async () => {
    const { reader, asked, state } = reading(async () => NONE);
    await reader.read();
    state.answer = () => new Promise(() => {});
    const begun = performance.now();
    expect(await reader.read()).toEqual(NONE);
    expect(performance.now() - begun).toBeLessThan(4_000);
    expect(await reader.read(5_000)).toEqual(NONE);
    expect(asked).toHaveLength(2);
  });

  it('is nothing that is made up: a conversation that never answered is an error', async () => {
    const { reader } = reading(() => Promise.reject(new Error('away')));
    await expect(reader.read(5_000)).rejects.toThrow('away');
  });
});

it('a sandbox begins once it is known what is set for it', async () => {
  const { stub, fakes } = await queuedTask();
  fakes.fails = { settings: 1 };
  expect(await stub.advance(1, 1)).toMatchObject({ do: 'wait', timeoutMs: 3_000 });
  expect(fakes.ensured).toEqual([]);
  pass(3_000);
  await stub.advance(1, 2);
  expect(fakes.ensured).toHaveLength(1);
  expect(fakes.settingsRead).toBe(1);
});

it('the conversation says what is set for a repository, and the default for any other', async () => {
  const thread = await openThread();
  const page = await thread.page();
  const settings = {
    ...DEFAULT_REPOSITORY_SETTINGS,
    egress: { is: 'list' as const, hosts: ['*.example.com'] },
  };
  page.send({
    type: 'change_settings',
    id: '01JZZZZZZZZZZZZZZZZZZZ0001',
    change: { is: 'repository', repository: 'acme/todo', settings },
  });
  await page.first('ack');
  expect(await thread.stub.sandboxSettings('acme/todo')).toMatchObject({ egress: settings.egress });
  expect(await thread.stub.sandboxSettings('acme/site')).toMatchObject({
    egress: { is: 'registries' },
  });
});
