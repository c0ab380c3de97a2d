import { type SDKMessage, query } from '@anthropic-ai/claude-agent-sdk';
import type { Brief } from '../protocol/runner.ts';
import type { Input } from './input.ts';
import type { TranscriptMirror } from './transcript.ts';

/** Tries of one model call inside Claude Code, with its own growing pauses. */
const MODEL_RETRIES = 4;

export type ClaudeEnd = { is: 'finished'; text: string } | { is: 'failed'; detail: string };

/**
 * Runs Claude Code on the checked-out repository until it has nothing more to do. Nothing of the
 * repository's settings, hooks or MCP servers is loaded: it is untrusted input.
 */
export async function runClaude(options: {
  brief: Brief;
  directory: string;
  access: { gateway: string; token: string };
  appendix: string;
  resume: string | null;
  input: Input;
  transcript: TranscriptMirror;
  abort: AbortController;
  onMessage(message: SDKMessage): Promise<void>;
}): Promise<ClaudeEnd> {
  const { brief, access, input } = options;
  const run = query({
    prompt: input,
    options: {
      abortController: options.abort,
      cwd: options.directory,
      model: brief.model,
      permissionMode: 'bypassPermissions',
      allowDangerouslySkipPermissions: true,
      settingSources: [],
      strictMcpConfig: true,
      systemPrompt: { type: 'preset', preset: 'claude_code', append: options.appendix },
      sessionStore: options.transcript,
      sessionStoreFlush: 'eager',
      ...(options.resume !== null && { resume: options.resume }),
      env: {
        PATH: process.env.PATH,
        HOME: process.env.HOME,
        LANG: 'C.UTF-8',
        TZ: 'UTC',
        TERM: 'dumb',
        CLAUDE_CONFIG_DIR: process.env.CLAUDE_CONFIG_DIR,
        IS_SANDBOX: '1',
        ANTHROPIC_BASE_URL: `${access.gateway}/model`,
        ANTHROPIC_AUTH_TOKEN: access.token,
        ANTHROPIC_DEFAULT_HAIKU_MODEL: brief.smallModel,
        CLAUDE_CODE_MAX_RETRIES: String(MODEL_RETRIES),
        CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
        GIT_AUTHOR_NAME: 'Mainloop',
        GIT_AUTHOR_EMAIL: 'mainloop@users.noreply.github.com',
        GIT_COMMITTER_NAME: 'Mainloop',
        GIT_COMMITTER_EMAIL: 'mainloop@users.noreply.github.com',
      },
      stderr: (text) => process.stderr.write(text),
    },
  });
  let end: ClaudeEnd = { is: 'failed', detail: 'Claude Code ended without a result.' };
  for await (const message of run) {
    await options.onMessage(message);
    if (message.type !== 'result') continue;
    if (message.subtype === 'success') {
      end = message.is_error
        ? { is: 'failed', detail: message.result }
        : { is: 'finished', text: message.result };
    } else {
      end = { is: 'failed', detail: message.errors.join('\n') || message.subtype };
    }
    const more = (message.queued_turn_count ?? 0) > 0 || input.pending;
    if (!more || end.is === 'failed') input.close();
  }
  return end;
}
