import type { CanUseTool, HookCallback, PermissionResult } from '@anthropic-ai/claude-agent-sdk';
import * as z from 'zod/mini';
import { boundedQuestionText } from '../protocol/event-bounds.ts';
import type { MailboxItem } from '../protocol/runner.ts';

/** What was decided about the tool call that Claude Code waits with. */
export type Decided = Extract<MailboxItem, { toolUseId: string }>;

/** Tools that change files; a plan is made without them. */
const CHANGES_FILES = new Set(['Edit', 'Write', 'NotebookEdit']);
/** Tools whose call is for a person: the run ends with it, and another run goes on with the answer. */
export const ASKING_TOOLS = 'AskUserQuestion|ExitPlanMode';

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** True when the file is one of Claude Code's own notes on its plan, which are no part of the work. */
function isPlanFile(input: Record<string, unknown>, plansFolder: string): boolean {
  const file = textOf(input.file_path);
  return file.startsWith(`${plansFolder}/`) && !file.includes('..');
}

/** What Claude Code gets instead of an approval. */
export function changesMessage(text: string): string {
  return `The person wants the plan changed: ${text}\n\nRevise the plan and present it again.`;
}

const Asked = z.object({ questions: z.array(z.object({ question: z.string() })) });

/** The answers under the questions' own texts: asked, and answered, were those that could be shown. */
function answersFor(
  input: Record<string, unknown>,
  answers: Record<string, string>,
  shown: (text: string) => string,
) {
  const asked = Asked.safeParse(input);
  const questions = asked.success ? asked.data.questions : [];
  const whole = new Map(
    questions.map(({ question }) => [boundedQuestionText(shown(question)), question]),
  );
  return Object.fromEntries(
    Object.entries(answers).map(([question, answer]) => [whole.get(question) ?? question, answer]),
  );
}

function resultOf(
  decided: Decided,
  input: Record<string, unknown>,
  shown: (text: string) => string,
): PermissionResult {
  switch (decided.type) {
    case 'answer':
      return {
        behavior: 'allow',
        updatedInput: { ...input, answers: answersFor(input, decided.answers, shown) },
      };
    case 'approval':
      return {
        behavior: 'allow',
        updatedInput: { ...input, plan: decided.plan },
        updatedPermissions: [
          { type: 'setMode', mode: 'bypassPermissions', destination: 'session' },
        ],
      };
    case 'changes':
      return {
        behavior: 'deny',
        message: changesMessage(decided.text),
      };
  }
}

/**
 * Questions and plans without a process that waits: the first time such a call ends the run
 * (`defer`); when the session is resumed with the decision, the same call is asked again and gets it.
 */
export function permissionsFor(options: {
  decided: Decided | null;
  /** True while files may not be changed: until a plan was approved. */
  planning: boolean;
  /** Folder of Claude Code's plan files. */
  plansFolder: string;
  /** A text as people were shown it: without secrets. */
  shown(text: string): string;
  /** Called once the decision has been handed over. */
  onGiven(decided: Decided): void;
}): { canUseTool: CanUseTool; defer: HookCallback } {
  const { decided } = options;
  let { planning } = options;
  return {
    defer: (input) => {
      const isDecided =
        input.hook_event_name === 'PreToolUse' && input.tool_use_id === decided?.toolUseId;
      return Promise.resolve(
        isDecided
          ? {}
          : {
              hookSpecificOutput: { hookEventName: 'PreToolUse', permissionDecision: 'defer' },
            },
      );
    },
    canUseTool: (tool, input, { toolUseID }) => {
      if (decided !== null && toolUseID === decided.toolUseId) {
        if (decided.type === 'approval') planning = false;
        options.onGiven(decided);
        return Promise.resolve(resultOf(decided, input, options.shown));
      }
      if (planning && CHANGES_FILES.has(tool) && !isPlanFile(input, options.plansFolder)) {
        return Promise.resolve({
          behavior: 'deny',
          message: 'You are planning: change no files before the plan is approved.',
        });
      }
      return Promise.resolve({ behavior: 'allow', updatedInput: input });
    },
  };
}
