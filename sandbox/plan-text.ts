import { readFileSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import type { SDKMessage } from '@anthropic-ai/claude-agent-sdk';
import * as z from 'zod/mini';

const WithPlan = z.object({ plan: z.string().check(z.minLength(1)) });

/** The plan that a message of Claude Code presents, with its tool call; null when it presents none. */
export function planIn(message: SDKMessage): { toolUseId: string; text: string } | null {
  if (message.type !== 'assistant') return null;
  for (const block of message.message.content) {
    if (block.type !== 'tool_use' || block.name !== 'ExitPlanMode') continue;
    const input = WithPlan.safeParse(block.input);
    return { toolUseId: block.id, text: input.success ? input.data.plan : '' };
  }
  return null;
}

/** The newest of Claude Code's plan files: where a plan's text is when the call itself has none. */
export function newestPlanFile(folder: string): string {
  try {
    const [newest] = readdirSync(folder)
      .filter((name) => name.endsWith('.md'))
      .map((name) => path.join(folder, name))
      .toSorted((one, other) => statSync(other).mtimeMs - statSync(one).mtimeMs);
    return newest === undefined ? '' : readFileSync(newest, 'utf8');
  } catch {
    return '';
  }
}
