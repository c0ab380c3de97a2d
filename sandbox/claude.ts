import path from 'node:path';
import { type Query, type SDKMessage, query } from '@anthropic-ai/claude-agent-sdk';
import * as z from 'zod/mini';
import { Question } from '../protocol/decision.ts';
import type { Brief } from '../protocol/runner.ts';
import type { TaskMode } from '../protocol/task.ts';
import { ASKING_TOOLS, type Decided, permissionsFor } from './decisions.ts';
import { WORKER_IDENTITY } from '../protocol/push-evidence.ts';
import type { Laid } from './equipment/equipment.ts';
import type { Input } from './input.ts';
import { newestPlanFile, planIn } from './plan-text.ts';
import { redactor } from './redactor.ts';
import { toolPath } from './tool-path.ts';
import { childEnvironment } from './trust.ts';
import type { TranscriptMirror } from './transcript.ts';

/** Tries of one model call inside Claude Code, with its own growing pauses. */
const MODEL_RETRIES = 4;
/** Tools that have no place in a sandbox that may vanish: schedules, other folders, another way into plan mode. */
const NO_TOOLS = [
  'EnterPlanMode',
  'EnterWorktree',
  'ExitWorktree',
  'CronCreate',
  'CronDelete',
  'CronList',
  'ScheduleWakeup',
];

/** How a run of Claude Code ended. */
export type ClaudeEnd =
  | { is: 'finished'; text: string; sessionId: string }
  | { is: 'asks'; toolUseId: string; questions: Question[]; sessionId: string }
  | { is: 'plans'; toolUseId: string; text: string; sessionId: string }
  | { is: 'interrupted'; sessionId: string }
  | { is: 'failed'; detail: string };

const Asked = z.object({ questions: z.array(Question).check(z.minLength(1)) });

/** Where Claude Code keeps its notes on a plan. */
const plansFolder = () => path.join(process.env.CLAUDE_CONFIG_DIR ?? '', 'plans');

export type ClaudeRun = {
  brief: Brief;
  mode: TaskMode;
  model: string;
  directory: string;
  access: { gateway: string; token: string };
  /** Variables of the repository that its commands may read. */
  variables: Record<string, string>;
  /** What a trusted repository brings; nothing for the others. */
  equipment: Laid;
  appendix: string;
  /** Session to resume, or null to begin one. */
  resume: string | null;
  /** The decision that the resumed session waits for; then `input` must hold nothing at first. */
  decided: Decided | null;
  input: Input;
  transcript: TranscriptMirror;
  abort: AbortController;
  /** Gives the handle to interrupt the turn with. */
  onStart(run: Pick<Query, 'interrupt'>): void;
  onDecisionGiven(decided: Decided): void;
  onMessage(message: SDKMessage): Promise<void>;
};

/**
 * Runs Claude Code on the checked-out repository until it has nothing more to do, asks a person, or
 * is interrupted. Nothing of the repository's settings or hooks is loaded, whoever trusts it; skills,
 * plugins and MCP servers are those that `equipment` names.
 */
export async function runClaude(options: ClaudeRun): Promise<ClaudeEnd> {
  const { brief, access, input } = options;
  const { canUseTool, defer } = permissionsFor({
    decided: options.decided,
    planning: options.mode === 'plan',
    plansFolder: plansFolder(),
    shown: (text) => redactor.text(text),
    onGiven: options.onDecisionGiven,
  });
  const run = query({
    prompt: input,
    options: {
      abortController: options.abort,
      cwd: options.directory,
      model: options.model,
      // Past planning all is allowed, by `canUseTool`: it also hands over what a person answered.
      permissionMode: options.mode === 'plan' ? 'plan' : 'default',
      allowDangerouslySkipPermissions: true,
      canUseTool,
      hooks: { PreToolUse: [{ matcher: ASKING_TOOLS, hooks: [defer] }] },
      disallowedTools: NO_TOOLS,
      settingSources: [],
      settings: {
        // Without it plan mode asks a safety model before each command, which a gateway has not got.
        useAutoModeDuringPlan: false,
        // A skill says what to do; whether a command is run, the worker decides.
        disableSkillShellExecution: true,
      },
      strictMcpConfig: true,
      plugins: options.equipment.plugins,
      mcpServers: options.equipment.servers,
      // What is set for a server stands on no command line.
      mcpServersDelivery: 'initialize',
      systemPrompt: { type: 'preset', preset: 'claude_code', append: options.appendix },
      sessionStore: options.transcript,
      sessionStoreFlush: 'eager',
      // What a sub-agent says stands below its call, beside what it does.
      forwardSubagentText: true,
      ...(options.resume !== null && { resume: options.resume }),
      env: {
        ...childEnvironment(),
        ...options.variables,
        PATH: toolPath(),
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
        // The tools that ask must be at hand, not behind a search.
        ENABLE_TOOL_SEARCH: 'false',
        GIT_AUTHOR_NAME: WORKER_IDENTITY.name,
        GIT_AUTHOR_EMAIL: WORKER_IDENTITY.email,
        GIT_COMMITTER_NAME: WORKER_IDENTITY.name,
        GIT_COMMITTER_EMAIL: WORKER_IDENTITY.email,
        // Nobody sits at an editor: `git rebase --continue` keeps the message as it is.
        GIT_EDITOR: 'true',
      },
      stderr: (text) => process.stderr.write(text),
    },
  });
  let interrupted = false;
  options.onStart({
    interrupt: () => {
      interrupted = true;
      return run.interrupt();
    },
  });
  let end: ClaudeEnd = { is: 'failed', detail: 'Claude Code ended without a result.' };
  let plan: { toolUseId: string; text: string } | null = null;
  let sessionId = options.resume ?? '';
  try {
    for await (const message of run) {
      plan = planIn(message) ?? plan;
      await options.onMessage(message);
      if (message.type !== 'result') continue;
      sessionId = message.session_id;
      if (interrupted) end = { is: 'interrupted', sessionId };
      else if (message.subtype !== 'success') {
        end = { is: 'failed', detail: message.errors.join('\n') || message.subtype };
      } else if (message.deferred_tool_use !== undefined) {
        end = askingEnd(message.deferred_tool_use, plan, sessionId);
      } else {
        end = message.is_error
          ? { is: 'failed', detail: message.result }
          : { is: 'finished', text: message.result, sessionId };
      }
      const more = (message.queued_turn_count ?? 0) > 0 || input.pending;
      if (!more || end.is !== 'finished') input.close();
    }
  } catch (error) {
    // An interrupted turn ends the stream with an error of its own; the result has told all.
    if (!interrupted) throw error;
    end = { is: 'interrupted', sessionId };
  }
  return end;
}

function askingEnd(
  asking: { id: string; name: string; input: Record<string, unknown> },
  plan: { toolUseId: string; text: string } | null,
  sessionId: string,
): ClaudeEnd {
  const toolUseId = asking.id;
  if (asking.name === 'ExitPlanMode') {
    const written = plan?.toolUseId === toolUseId ? plan.text : '';
    const text = written || newestPlanFile(plansFolder());
    return text === ''
      ? { is: 'failed', detail: 'Claude Code presented an empty plan.' }
      : { is: 'plans', toolUseId, text, sessionId };
  }
  const asked = Asked.safeParse(asking.input);
  return asked.success
    ? { is: 'asks', toolUseId, questions: asked.data.questions, sessionId }
    : { is: 'failed', detail: `Claude Code asked in a way that is not known: ${asking.name}` };
}
