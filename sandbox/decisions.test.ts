import { expect, it } from 'vitest';
import { boundedBody } from '../protocol/event-bounds.ts';
import { type Decided, permissionsFor } from './decisions.ts';

const signal = new AbortController().signal;
const ANSWER: Decided = {
  type: 'answer',
  id: '1',
  toolUseId: 'call',
  answers: { 'Which?': 'CSV' },
};

function permissions(decided: Decided | null, planning = true) {
  const given: Decided[] = [];
  const { canUseTool, defer } = permissionsFor({
    decided,
    planning,
    plansFolder: '/home/w/.claude/plans',
    shown: (text) => text.replace('hunter2', '[secret]'),
    onGiven: (one) => given.push(one),
  });
  const hook = async (toolUseId: string) =>
    defer(
      {
        hook_event_name: 'PreToolUse',
        tool_name: 'AskUserQuestion',
        tool_input: {},
        tool_use_id: toolUseId,
        session_id: 's',
        transcript_path: '',
        cwd: '/',
      },
      toolUseId,
      { signal },
    );
  const use = async (tool: string, input: Record<string, unknown>, toolUseID = 'other') =>
    canUseTool(tool, input, { signal, toolUseID, requestId: 'r' });
  return { given, hook, use };
}

const DEFERRED = { hookSpecificOutput: { permissionDecision: 'defer' } };

it('a question ends the run; when it was answered the same call goes on, and the next one ends it again', async () => {
  expect(await permissions(null).hook('call')).toMatchObject(DEFERRED);
  const { hook, use, given } = permissions(ANSWER);
  expect(await hook('call')).toEqual({});
  expect(await hook('next')).toMatchObject(DEFERRED);
  expect(await use('AskUserQuestion', { questions: [] }, 'call')).toEqual({
    behavior: 'allow',
    updatedInput: { questions: [], answers: ANSWER.answers },
  });
  expect(given).toEqual([ANSWER]);
});

it('a question that was asked in part gets its answer under its whole text', async () => {
  const question = `Which? ${'x'.repeat(10_000)}`;
  const asked = boundedBody({
    type: 'question',
    toolUseId: 'call',
    questions: [{ question, header: '', options: [], multiSelect: false }],
  });
  const [short] = asked.type === 'question' ? asked.questions : [];
  expect(short?.question.length).toBeLessThan(question.length);
  const { use } = permissions({ ...ANSWER, answers: { [short?.question ?? '']: 'CSV' } });
  expect(await use('AskUserQuestion', { questions: [{ question }] }, 'call')).toMatchObject({
    updatedInput: { answers: { [question]: 'CSV' } },
  });
});

it('a question that was shown without a secret gets its answer under its own text', async () => {
  const { use } = permissions({ ...ANSWER, answers: { 'Is it [secret]?': 'No' } });
  const questions = [{ question: 'Is it hunter2?' }];
  expect(await use('AskUserQuestion', { questions }, 'call')).toMatchObject({
    updatedInput: { answers: { 'Is it hunter2?': 'No' } },
  });
});

it('a plan that was approved leaves plan mode with the text that was approved', async () => {
  const plan: Decided = { type: 'approval', id: '1', toolUseId: 'call', plan: '# As picked' };
  const { use } = permissions(plan);
  expect(await use('Edit', { file_path: '/w/a.js' })).toMatchObject({ behavior: 'deny' });
  expect(await use('ExitPlanMode', {}, 'call')).toMatchObject({
    behavior: 'allow',
    updatedInput: { plan: '# As picked' },
    updatedPermissions: [{ type: 'setMode', mode: 'bypassPermissions' }],
  });
  expect(await use('Edit', { file_path: '/w/a.js' })).toMatchObject({ behavior: 'allow' });
});

it('a plan that must change goes back with the person’s words, and stays a plan', async () => {
  const changes: Decided = {
    type: 'changes',
    id: '1',
    toolUseId: 'call',
    text: 'Name it tasks.csv.',
  };
  const { use } = permissions(changes);
  const result = await use('ExitPlanMode', {}, 'call');
  expect(result).toMatchObject({ behavior: 'deny', message: expect.stringContaining('tasks.csv') });
  expect(await use('Write', { file_path: '/w/a.js' })).toMatchObject({ behavior: 'deny' });
});

it.each([
  ['/home/w/.claude/plans/tidy.md', 'allow'],
  ['/home/w/.claude/plans/../../a.js', 'deny'],
  ['/home/w/.claude/plans-of-mine/a.md', 'deny'],
  ['/w/a.js', 'deny'],
])('while planning, writing %s: %s', async (file, behavior) => {
  expect(await permissions(null).use('Write', { file_path: file })).toMatchObject({ behavior });
});

it('while planning, commands that read may run', async () => {
  const { use } = permissions(null);
  expect(await use('Bash', { command: 'git log' })).toMatchObject({ behavior: 'allow' });
});

it('past planning everything may run, and a question still waits for its answer', async () => {
  const { use, hook } = permissions(null, false);
  expect(await use('Write', { file_path: '/w/a.js' })).toMatchObject({ behavior: 'allow' });
  expect(await use('Bash', { command: 'npm test' })).toMatchObject({ behavior: 'allow' });
  expect(await hook('call')).toMatchObject(DEFERRED);
});
