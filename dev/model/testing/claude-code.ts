import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { PLANNING } from '../product-words.ts';
import { type ModelCall, type ToolUse, readCall } from '../wire.ts';
import { workerReply } from '../worker/worker.ts';
import { QUICK_TESTS } from './demo-clone.ts';

export type Message = { role: 'user' | 'assistant' | 'system'; content: unknown };
type ToolResult = { content: string; is_error: boolean };

export type WorkRun = {
  steps: { text: string; call: ToolUse | null }[];
  /** The last answer: the one without a tool call. Empty when the run was cut short. */
  end: string;
  messages: Message[];
};

export type WorkOptions = {
  cwd: string;
  task: string;
  /** The run ends as if the sandbox were gone after so many tool calls. */
  cutAfter?: number;
  /** What the person says in mid-turn, before the step with that number. */
  remarks?: Record<number, string>;
  /** What the person answers to a question or a plan; makes it a session in plan mode. */
  decide?: (call: ToolUse) => ToolResult;
  /** Messages of an earlier run, to go on from. */
  before?: Message[];
};

const MAX_STEPS = 120;
const system = (content: string): Message => ({ role: 'system', content });
/** What Claude Code adds when the person says something in the middle of a turn. */
const midTurn = (remark: string) =>
  `The user sent a new message while you were working:\n${remark}\n\nThis is how Claude Code surfaces messages the user sends mid-turn.`;

const ok = (content: string): ToolResult => ({ content, is_error: false });
const refused = (content: string): ToolResult => ({ content, is_error: true });

/** What the tools of Claude Code 2.1.330 do and answer, as far as the worker uses them. */
function useTool({ name, input }: ToolUse, cwd: string): ToolResult {
  const text = (key: string) => String(input[key]);
  const file = text('file_path');
  switch (name) {
    case 'Bash': {
      // Without npm and a process for each file it takes a third of the time.
      const command = text('command').replace(/^npm test$/, `node ${QUICK_TESTS.join(' ')}`);
      const run = spawnSync('bash', ['-c', command], { cwd, encoding: 'utf8' });
      const output = `${run.stdout}${run.stderr}`.trimEnd();
      return run.status === 0 ? ok(output) : refused(`Exit code ${run.status}\n${output}`);
    }
    case 'Read': {
      if (!existsSync(file)) return refused('File does not exist.');
      const lines = readFileSync(file, 'utf8').split('\n');
      return ok(lines.map((line, index) => `${index + 1}\t${line}`).join('\n'));
    }
    case 'Write':
      mkdirSync(path.dirname(file), { recursive: true });
      writeFileSync(file, text('content'));
      return ok(`File created successfully at: ${file}`);
    case 'Edit': {
      // Claude Code cuts blanks off the ends of lines.
      const replacement = text('new_string').replace(/[ \t]+$/gm, '');
      const parts = readFileSync(file, 'utf8').split(text('old_string'));
      if (parts.length !== 2) return refused(`${parts.length - 1} matches of the string`);
      writeFileSync(file, parts.join(replacement));
      return ok(`The file ${file} has been updated successfully.`);
    }
    default:
      return refused(`No such tool available: ${name}`);
  }
}

/** A request as the model reads it. */
export function requestOf(messages: readonly unknown[], instructions: unknown = ''): ModelCall {
  const call = readCall(JSON.stringify({ model: 'm', system: instructions, messages }));
  if (call === null) throw new Error('This is no request.');
  return call;
}

/** Works on a task as Claude Code does with this model, without the program itself. */
export function work({ cwd, task, cutAfter, remarks, before = [], decide }: WorkOptions): WorkRun {
  const reminder = '<system-reminder>\nCurrent branch: main\n</system-reminder>';
  const asked = [reminder, task].map((text) => ({ type: 'text', text }));
  const messages: Message[] = [...before, { role: 'user', content: asked }];
  const steps: WorkRun['steps'] = [];
  while (steps.length < MAX_STEPS) {
    const remark = remarks?.[steps.length];
    if (remark !== undefined) messages.push(system(midTurn(remark)));
    const [first, ...rest] = messages;
    const environment = system(`# Environment\n - Primary working directory: ${cwd}\n`);
    const request = requestOf([first, environment, ...rest], decide === undefined ? '' : PLANNING);
    const reply = workerReply(request);
    const [call = null] = reply.calls;
    steps.push({ text: reply.text, call });
    if (call === null) {
      messages.push({ role: 'assistant', content: reply.text });
      return { steps, end: reply.text, messages };
    }
    const id = `toolu_${messages.length}`;
    const said = reply.text === '' ? [] : [{ type: 'text', text: reply.text }];
    messages.push({ role: 'assistant', content: [...said, { type: 'tool_use', id, ...call }] });
    const asks = ['AskUserQuestion', 'ExitPlanMode'].includes(call.name);
    const outcome = asks && decide !== undefined ? decide(call) : useTool(call, cwd);
    const result = { type: 'tool_result', tool_use_id: id, ...outcome };
    messages.push({ role: 'user', content: [result] });
    if (steps.length === cutAfter) return { steps, end: '', messages };
  }
  throw new Error('The worker goes round in circles.');
}
