import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type SDKUserMessage, query } from '@anthropic-ai/claude-agent-sdk';
import { afterEach, expect, it } from 'vitest';
import { type OfflineModel, startOfflineModel } from './model.ts';
import { type DemoClone, cloneDemo } from './testing/demo-clone.ts';
import { work } from './testing/claude-code.ts';

const RUN_MS = 120_000;
const TASK = 'Add a --json flag to the list command';
const REMARK = 'put a line into the changelog, too';

const ends: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

async function start(): Promise<{ model: OfflineModel; demo: DemoClone; home: string }> {
  const model = await startOfflineModel({
    workerStepMs: 20,
    tokensPerSecond: 5_000,
    timeToFirstTokenMs: 1,
    log: () => {},
  });
  const demo = cloneDemo('todo');
  const home = mkdtempSync(path.join(tmpdir(), 'claude-home-'));
  ends.push(
    () => model.stop(),
    demo.remove,
    () => rmSync(home, { recursive: true, force: true }),
  );
  return { model, demo, home };
}

const say = (content: string): SDKUserMessage => ({
  type: 'user',
  message: { role: 'user', content },
  parent_tool_use_id: null,
});

/** A run of the real Claude Code; the remark is made once it has begun to edit. */
async function runClaudeCode(
  { model, demo, home }: Awaited<ReturnType<typeof start>>,
  remark: string | null,
) {
  const edited = Promise.withResolvers<void>();
  const finished = Promise.withResolvers<void>();
  async function* prompt() {
    yield say(TASK);
    if (remark !== null) {
      await edited.promise;
      yield say(remark);
    }
    await finished.promise;
  }
  const tools: string[] = [];
  let text = '';
  const run = query({
    prompt: prompt(),
    options: {
      cwd: demo.cwd,
      model: 'claude-opus-5-5',
      permissionMode: 'bypassPermissions',
      allowDangerouslySkipPermissions: true,
      settingSources: [],
      systemPrompt: { type: 'preset', preset: 'claude_code' },
      env: {
        PATH: process.env.PATH,
        HOME: home,
        ANTHROPIC_BASE_URL: model.url,
        ANTHROPIC_API_KEY: model.apiKey,
        IS_SANDBOX: '1',
      },
    },
  });
  for await (const message of run) {
    if (message.type === 'assistant') {
      for (const block of message.message.content) {
        if (block.type === 'text') text += `${block.text}\n`;
        if (block.type !== 'tool_use') continue;
        tools.push(block.name);
        if (block.name === 'Edit') edited.resolve();
      }
    }
    if (message.type === 'result') finished.resolve();
  }
  return { tools, text };
}

it(
  'does the work through the tools of the real Claude Code, as it does in the other tests',
  async () => {
    const started = await start();
    const { tools, text } = await runClaudeCode(started, null);
    const { demo, model } = started;
    expect(new Set(tools)).toEqual(new Set(['Bash', 'Read', 'Edit']));
    expect(demo.git('status', '--short')).toBe('');
    expect(text).toContain('Tests ran: 17 pass.');

    const simulated = cloneDemo('todo');
    ends.push(simulated.remove);
    const run = work({ cwd: simulated.cwd, task: TASK });
    expect(demo.git('rev-parse', 'HEAD^{tree}')).toBe(simulated.git('rev-parse', 'HEAD^{tree}'));
    expect(tools).toEqual(run.steps.flatMap(({ call }) => call?.name ?? []));

    const asked = model.requests().filter(({ kind }) => kind === 'worker');
    expect(new Set(asked.map((one) => one.model))).toEqual(new Set(['claude-opus-5-5']));
    expect(asked).toHaveLength(tools.length + 1);
  },
  RUN_MS,
);

it(
  'hears what the person says to the real Claude Code while it works',
  async () => {
    const started = await start();
    const { text } = await runClaudeCode(started, REMARK);
    expect(text).toContain(`Noted: “${REMARK}”`);
    expect(started.demo.git('show', 'HEAD:CHANGELOG.md')).toContain('`todo list --json`');
    expect(started.demo.runTests()).toContain('ℹ fail 0');
  },
  RUN_MS,
);
