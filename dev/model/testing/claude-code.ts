import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { ToolCall } from '../wire/reply.ts';
import { type ModelCall, readCall } from '../wire/request.ts';
import { workerReply } from '../worker/worker.ts';
import { QUICK_TESTS } from './demo-clone.ts';

export type WorkRun = {
  steps: { text: string; call: ToolCall | null }[];
  /** The last answer: the one without a tool call. Null when the run was cut short. */
  end: string | null;
  messages: Message[];
};

export type Message = { role: 'user' | 'assistant' | 'system'; content: unknown };
type ToolResult = { content: string; is_error: boolean };

export type WorkOptions = {
  cwd: string;
  task: string;
  /** The run ends as if the sandbox were gone after so many tool calls. */
  cutAfter?: number;
  /** What the person says in mid-turn, before the step with that number. */
  remarks?: Record<number, string>;
  /** True for a session in plan mode. */
  planFirst?: boolean;
  /** What the person answers to a question or a plan. */
  decide?: (call: ToolCall) => { content: string; is_error: boolean };
  /** Messages of an earlier run, to go on from. */
  before?: Message[];
};

const MAX_STEPS = 120;

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

const ok = (content: string): ToolResult => ({ content, is_error: false });
const refused = (content: string): ToolResult => ({
  content: `<tool_use_error>${content}</tool_use_error>`,
  is_error: true,
});

/** What the tools of Claude Code 2.1.330 do and answer, as far as the worker uses them. */
function useTool({ name, input }: ToolCall, cwd: string): ToolResult {
  const file = text(input['file_path']);
  switch (name) {
    case 'Bash': {
      // Without npm and a process for each file it takes a third of the time.
      const command = text(input['command']).replace(/^npm test$/, `node ${QUICK_TESTS.join(' ')}`);
      const { stdout, stderr, status } = spawnSync('bash', ['-c', command], {
        cwd,
        encoding: 'utf8',
      });
      const output = `${stdout}${stderr}`.trimEnd();
      return status === 0
        ? ok(output)
        : { content: `Exit code ${status}\n${output}`, is_error: true };
    }
    case 'Read': {
      if (!existsSync(file)) return refused('File does not exist.');
      const lines = readFileSync(file, 'utf8').split('\n');
      return ok(lines.map((line, index) => `${index + 1}\t${line}`).join('\n'));
    }
    case 'Write':
      mkdirSync(path.dirname(file), { recursive: true });
      writeFileSync(file, text(input['content']));
      return ok(`File created successfully at: ${file}`);
    case 'Edit': {
      const before = readFileSync(file, 'utf8');
      // Claude Code cuts blanks off the ends of lines.
      const replacement = text(input['new_string']).replace(/[ \t]+$/gm, '');
      const parts = before.split(text(input['old_string']));
      if (parts.length !== 2)
        return refused(`${parts.length - 1} matches of the string to replace`);
      writeFileSync(file, parts.join(replacement));
      return ok(`The file ${file} has been updated successfully.`);
    }
    default:
      return refused(`No such tool available: ${name}`);
  }
}

function requestOf(cwd: string, messages: Message[], planFirst: boolean): ModelCall {
  const environment = {
    role: 'system',
    content: `# Environment\n - Primary working directory: ${cwd}\n`,
  };
  const [first, ...rest] = messages;
  const call = readCall({
    model: 'claude-opus-5-5',
    ...(planFirst && { system: '- You plan first: read, ask what is unclear.' }),
    tools: [{ name: 'Bash' }, { name: 'Edit' }],
    messages: [first, environment, ...rest],
  });
  if (call === null) throw new Error('This is no request.');
  return call;
}

/** Works on a task as Claude Code does with this model, without the program itself. */
export function work(options: WorkOptions): WorkRun {
  const { cwd, task, cutAfter, remarks, before, planFirst = false, decide } = options;
  const reminder = '<system-reminder>\nCurrent branch: main\n</system-reminder>';
  const asked = [reminder, task].map((words) => ({ type: 'text', text: words }));
  const messages: Message[] = [...(before ?? []), { role: 'user', content: asked }];
  const steps: WorkRun['steps'] = [];
  for (let step = 0; step < MAX_STEPS; step += 1) {
    const remark = remarks?.[step];
    if (remark !== undefined) {
      const content = `The user sent a new message while you were working:\n${remark}\n\nThis is how Claude Code surfaces messages the user sends mid-turn.`;
      messages.push({ role: 'system', content });
    }
    const reply = workerReply(requestOf(cwd, messages, planFirst));
    const [call] = reply.calls;
    steps.push({ text: reply.text, call: call ?? null });
    if (call === undefined) return { steps, end: reply.text, messages };
    const id = `toolu_${messages.length}`;
    const said = reply.text === '' ? [] : [{ type: 'text', text: reply.text }];
    messages.push({ role: 'assistant', content: [...said, { type: 'tool_use', id, ...call }] });
    const asks = call.name === 'AskUserQuestion' || call.name === 'ExitPlanMode';
    const outcome = asks && decide !== undefined ? decide(call) : useTool(call, cwd);
    const result = { type: 'tool_result', tool_use_id: id, ...outcome };
    messages.push({ role: 'user', content: [result] });
    if (steps.length === cutAfter) return { steps, end: null, messages };
  }
  throw new Error('The worker goes round in circles.');
}
