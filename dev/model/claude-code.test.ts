import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type SDKUserMessage, query } from '@anthropic-ai/claude-agent-sdk';
import { expect, it } from 'vitest';
import { startOfflineModel } from './model.ts';
import { work } from './testing/claude-code.ts';
import { cloneDemo } from './testing/demo-clone.ts';

const RUN_MS = 120_000;
const TASK = 'Add a --json flag to the list command';
const REMARK = 'put a line into the changelog, too';

const say = (content: string): SDKUserMessage => ({
  type: 'user',
  message: { role: 'user', content },
  parent_tool_use_id: null,
});

/** A run of the real Claude Code; the remark is made once it has begun to edit. */
async function runClaudeCode(cwd: string, home: string, baseUrl: string) {
  const edited = Promise.withResolvers<void>();
  const finished = Promise.withResolvers<void>();
  async function* prompt() {
    yield say(TASK);
    await edited.promise;
    yield say(REMARK);
    await finished.promise;
  }
  const tools: string[] = [];
  let text = '';
  const run = query({
    prompt: prompt(),
    options: {
      cwd,
      model: 'claude-opus-5-5',
      permissionMode: 'bypassPermissions',
      allowDangerouslySkipPermissions: true,
      settingSources: [],
      systemPrompt: { type: 'preset', preset: 'claude_code' },
      env: {
        PATH: process.env.PATH,
        HOME: home,
        ANTHROPIC_BASE_URL: baseUrl,
        ANTHROPIC_API_KEY: 'offline',
        IS_SANDBOX: '1',
      },
    },
  });
  for await (const message of run) {
    if (message.type === 'result') finished.resolve();
    if (message.type !== 'assistant') continue;
    for (const block of message.message.content) {
      if (block.type === 'text') text += `${block.text}\n`;
      if (block.type === 'tool_use') tools.push(block.name);
      if (block.type === 'tool_use' && block.name === 'Edit') edited.resolve();
    }
  }
  return { tools, text };
}

it(
  'does the work through the tools of the real Claude Code, and hears what the person says meanwhile',
  async () => {
    const pace = { workerStepMs: 20, tokensPerSecond: 5_000, timeToFirstTokenMs: 1 };
    const model = await startOfflineModel({ ...pace, log: () => {} });
    const home = mkdtempSync(path.join(tmpdir(), 'claude-home-'));
    const [demo, simulated] = [cloneDemo('todo'), cloneDemo('todo')];
    try {
      const { tools, text } = await runClaudeCode(demo.cwd, home, model.url);
      expect(new Set(tools)).toEqual(new Set(['Bash', 'Read', 'Edit', 'Write']));
      expect(text).toContain(`Noted: “${REMARK}”`);
      expect(text).toContain('Tests ran: 17 pass.');
      expect(demo.git('show', 'HEAD:CHANGELOG.md')).toContain('`todo list --json`');

      // As it does in the other tests.
      work({ cwd: simulated.cwd, task: TASK, remarks: { 5: REMARK } });
      expect(demo.git('rev-parse', 'HEAD^{tree}')).toBe(simulated.git('rev-parse', 'HEAD^{tree}'));
      const asked = model.requests().filter(({ kind }) => kind === 'worker');
      expect(new Set(asked.map((one) => one.model))).toEqual(new Set(['claude-opus-5-5']));
    } finally {
      await model.stop();
      for (const one of [demo, simulated]) one.remove();
      rmSync(home, { recursive: true, force: true });
    }
  },
  RUN_MS,
);
