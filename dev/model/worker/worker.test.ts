import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { ATTACHED } from '../../../sandbox/attachments.ts';
import { changesMessage } from '../../../sandbox/decisions.ts';
import { decisionNote, firstPrompt } from '../../../sandbox/instructions.ts';
import { pickedText } from '../../../worker/tasks/decisions/wording.ts';
import { type WorkRun, work } from '../testing/claude-code.ts';
import { type DemoClone, cloneDemo } from '../testing/demo-clone.ts';
import type { ToolUse } from '../wire.ts';
import { JOBS } from './job.ts';

/** Each runs a repository's tests with node several times: processes, which wait for a machine that has others. */
vi.setConfig({ testTimeout: 120_000 });

const clones: DemoClone[] = [];
function clone(name = 'todo'): DemoClone {
  const made = cloneDemo(name);
  clones.push(made);
  return made;
}
afterEach(() => {
  for (const one of clones.splice(0)) one.remove();
});

function resultOf(run: WorkRun): { summary: string; tested: string; title: string; body: string } {
  return JSON.parse(/```json\n([\s\S]*)\n```$/.exec(run.end)?.[1] ?? 'null');
}
const toolsOf = (run: WorkRun) => run.steps.flatMap(({ call }) => call?.name ?? []);
const commitsOf = (demo: DemoClone) => demo.git('log', '--format=%s').split('\n');

const REAL = JOBS.filter(({ asks }) => asks.length > 0);
const JSON_FLAG = 'Add a --json flag to the list command';

describe.each(REAL.map(({ demo, task }) => [demo, task] as const))('in %s: “%s”', (name, task) => {
  it('is done in one commit, with tests that fail without it, and told as it is', () => {
    const demo = clone(name);
    const { tested, title, body } = resultOf(work({ cwd: demo.cwd, task }));
    expect(commitsOf(demo)).toEqual([title, 'Begin']);
    expect(demo.git('status', '--short')).toBe('');
    const passed = Number(/^ℹ pass (\d+)/m.exec(demo.runTests())?.[1]);
    expect(tested).toContain(`Tests ran: ${passed} pass.`);
    expect(body).toContain('offline model');
    expect(demo.git('show', 'HEAD')).not.toMatch(/\{\{|\}\}'/);

    const files = demo.git('diff', '--name-only', 'HEAD~', 'HEAD').split('\n');
    for (const file of files.filter((one) => !one.startsWith('test/') && one !== 'README.md')) {
      const known = demo.git('ls-tree', '--name-only', 'HEAD~', file) !== '';
      if (known) demo.git('checkout', '--quiet', 'HEAD~', '--', file);
      else demo.git('rm', '--quiet', file);
    }
    expect(() => demo.runTests()).toThrow(/ℹ fail [1-9]/);
  });
});

describe('all work on the to-do list', () => {
  const tasks = REAL.filter(({ demo }) => demo === 'todo').map(({ task }) => task);

  it.each([0, 3])('can be done one after another, beginning at %i', (start) => {
    const demo = clone();
    for (const task of [...tasks.slice(start), ...tasks.slice(0, start)]) {
      expect(resultOf(work({ cwd: demo.cwd, task })).summary).not.toMatch(/^Not finished/);
    }
    expect(commitsOf(demo)).toHaveLength(tasks.length + 1);
    expect(demo.runTests()).toContain('ℹ fail 0');
  });

  it('can be done side by side and merged without a conflict', () => {
    const demo = clone();
    const branches = tasks.filter((task) => !task.includes('export'));
    for (const [index, task] of branches.entries()) {
      demo.git('checkout', '--quiet', '-b', `task-${index}`, 'main');
      work({ cwd: demo.cwd, task });
    }
    demo.git('checkout', '--quiet', 'main');
    for (const index of branches.keys()) demo.git('merge', '--no-edit', '--quiet', `task-${index}`);
    expect(demo.runTests()).toContain('ℹ fail 0');
  });
});

const CHECKPOINT = firstPrompt({ title: JSON_FLAG, prompt: '' }, false, true);

describe('a sandbox that was replaced', () => {
  it('goes on from the files of a checkpoint, in a new session, and ends the same', () => {
    const whole = clone();
    work({ cwd: whole.cwd, task: JSON_FLAG });
    for (const cutAfter of [5, 9]) {
      const demo = clone();
      work({ cwd: demo.cwd, task: JSON_FLAG, cutAfter });
      const run = work({ cwd: demo.cwd, task: CHECKPOINT });
      expect(demo.git('rev-parse', 'HEAD^{tree}')).toBe(whole.git('rev-parse', 'HEAD^{tree}'));
      expect(resultOf(run).title).toBe('Add --json to list');
    }
    const again = work({ cwd: whole.cwd, task: CHECKPOINT });
    expect(new Set(toolsOf(again))).toEqual(new Set(['Bash', 'Read']));
    expect(commitsOf(whole)).toHaveLength(2);
  });

  it('goes on from its transcript when files are older than that', () => {
    const demo = clone();
    const cut = work({ cwd: demo.cwd, task: JSON_FLAG, cutAfter: 6 });
    demo.git('checkout', '--quiet', '--', '.');
    const task = firstPrompt({ title: '', prompt: '' }, true, false);
    work({ cwd: demo.cwd, task, before: cut.messages });
    expect(demo.git('diff', '--stat', 'HEAD~', 'HEAD')).toContain('3 files changed');
    expect(demo.runTests()).toContain('ℹ fail 0');
  });
});

const EXPORT = 'Add an export command';
const answered = {
  content:
    'Your questions have been answered: "Which format should the export have?"="CSV", "Which fields should it have?"="number, text".',
  is_error: false,
};
const approved = { content: 'User has approved your plan.', is_error: false };
const changes = { content: changesMessage('Use semicolons between the fields.'), is_error: true };
const picked = {
  ...approved,
  content: `## Approved Plan:\nIt.${pickedText('Only what is open')}`,
};

/** A run in plan mode, decided as the list says, one decision a plan. */
function planned(cwd: string, ...verdicts: (typeof approved)[]) {
  const decide = ({ name }: ToolUse) =>
    name === 'AskUserQuestion' ? answered : (verdicts.shift() ?? approved);
  const run = work({ cwd, task: EXPORT, decide });
  const plans = run.steps.filter(({ call }) => call?.name === 'ExitPlanMode');
  return { run, plans: plans.map(({ call }) => String(call?.input['plan'])) };
}

describe('a task that asks and plans', () => {
  it('asks once, takes up a change and what was picked, and changes nothing before', () => {
    const demo = clone();
    const { run, plans } = planned(demo.cwd, changes, picked);
    const tools = toolsOf(run);
    expect(tools.filter((name) => name === 'AskUserQuestion')).toHaveLength(1);
    const before = tools.slice(0, tools.lastIndexOf('ExitPlanMode'));
    expect(new Set(before)).toEqual(new Set(['Bash', 'Read', 'AskUserQuestion', 'ExitPlanMode']));
    expect(plans[0]).toMatch(/as CSV with the fields number, text\.[\s\S]*## Alternatives/);
    expect(plans[1]).toContain('separated by semicolons');
    const command = demo.git('show', 'HEAD:src/commands/export.js');
    expect(command).toContain("['number', 'text'];\nconst SEPARATOR = ';';");
    expect(command).toContain('!todo.done');
    expect(demo.runTests()).toContain('ℹ fail 0');
  });

  it('knows what was decided where it does not remember that it asked', () => {
    const answers = { 'Which format should the export have?': 'JSON' };
    const told = decisionNote({ type: 'answer', id: '', toolUseId: '', answers });
    const demo = clone();
    work({ cwd: demo.cwd, task: `${EXPORT}\n\n${told}` });
    expect(demo.git('show', 'HEAD:src/commands/export.js')).toContain('JSON.stringify(rows');
    const approval = decisionNote({ type: 'approval', id: '', toolUseId: '', plan: 'P' });
    const again = `${EXPORT}\n\n${approval}`;
    const run = work({ cwd: clone().cwd, task: again, decide: () => approved });
    expect(toolsOf(run)).not.toContain('ExitPlanMode');
  });

  it('leaves the README to a check that asks for it, and takes tabs for semicolons then', () => {
    const demo = clone();
    const { run } = planned(demo.cwd, changes);
    expect(demo.git('show', '--stat', 'HEAD')).not.toContain('README.md');
    const check = 'Check check failed: README.md does not describe todo export. Use tabs, too.';
    work({ cwd: demo.cwd, task: check, before: run.messages });
    expect(commitsOf(demo)[0]).toBe(`${EXPORT}: what was asked for since`);
    expect(demo.git('show', 'HEAD:README.md')).toContain('number, text, separated by tabs.');
    expect(demo.git('show', 'HEAD')).toContain("-const SEPARATOR = ';';");
    expect(demo.runTests()).toContain('ℹ fail 0');
  });
});

describe('what the person says meanwhile', () => {
  const FIX = 'Fix the crash in done';

  it('renames the flag, in what is written and in what is to come, and is answered once', () => {
    const demo = clone();
    const remarks = { 6: 'name the flag --as-json' };
    const run = work({ cwd: demo.cwd, task: JSON_FLAG, remarks });
    expect(run.steps.filter(({ text }) => text.startsWith('Noted: '))).toHaveLength(1);
    expect(demo.git('show', 'HEAD')).not.toMatch(/^\+.*--json/m);
    expect(demo.runTests()).toContain('ℹ fail 0');
    expect(resultOf(run).title).toBe('Add --as-json to list');
  });

  it.each([
    ['mention in the README that Node 20 is enough', 'README.md', '- Node 20 is enough.'],
    ['put it into the changelog, too', 'CHANGELOG.md', '## Unreleased\n\n- `todo done` with a'],
  ])('goes into a file for people: %s', (remark, file, line) => {
    const demo = clone();
    const run = work({ cwd: demo.cwd, task: FIX, remarks: { 2: remark } });
    expect(demo.git('show', `HEAD:${file}`)).toContain(line);
    work({ cwd: demo.cwd, task: `add to the ${file} "More."`, before: run.messages });
    expect(demo.git('show', `HEAD:${file}`)).toContain('- More.\n- ');
  });

  it('is not what Claude Code says by itself when it goes on after a decision', () => {
    const demo = clone();
    const cut = work({ cwd: demo.cwd, task: FIX, cutAfter: 5 });
    const goOn = 'Continue from where you left off.';
    const run = work({ cwd: demo.cwd, task: goOn, before: cut.messages });
    expect(run.steps.map(({ text }) => text).join()).not.toContain('Noted: ');
    expect(resultOf(run).body).not.toContain(goOn);
  });

  it('is passed on when this model cannot do it', () => {
    const run = work({ cwd: clone().cwd, task: FIX, remarks: { 3: 'make it play a melody' } });
    expect(resultOf(run).body).toContain('- “make it play a melody”');
  });
});

describe('honesty', () => {
  it('claims no success when a test fails', () => {
    const demo = clone();
    writeFileSync(path.join(demo.cwd, 'test/broken.test.js'), "throw new Error('no');\n");
    const { summary, tested, title } = resultOf(
      work({ cwd: demo.cwd, task: 'Add a remove command' }),
    );
    expect(title).toBe('WIP: Add a remove command');
    expect(summary).toMatch(/^Not finished: /);
    expect(tested).toBe('Tests fail: 1 of 20.');
  });

  it('says what it could not place', () => {
    const demo = clone();
    const file = path.join(demo.cwd, 'src/commands/list.js');
    writeFileSync(
      file,
      readFileSync(file, 'utf8').replace("usage: 'list [--all]'", "usage: 'list'"),
    );
    const { summary, body } = resultOf(work({ cwd: demo.cwd, task: JSON_FLAG }));
    expect(summary).toMatch(/^Not finished/);
    expect(body).toContain('was not found in src/commands/list.js');
  });

  it.each(['Translate the help into Latin', 'Add dark mode'])(
    'leaves a note, and says so, for work that it does not know: %s',
    (task) => {
      const demo = clone();
      const { title, body } = resultOf(work({ cwd: demo.cwd, task }));
      expect(title).toBe(`Note: ${task}`);
      expect(demo.git('diff', '--name-only', 'HEAD~', 'HEAD')).toMatch(/^notes\/[a-z-]+\.md$/);
      expect(body).toContain('This is a note and not the change itself');
    },
  );
});

describe('a file that the person attached', () => {
  const add = (demo: DemoClone, name = 'data.csv') => {
    const file = path.join(path.dirname(demo.cwd), name);
    writeFileSync(file, 'a,b\n1,{{2}}\n');
    const given = JSON.stringify({ name, type: 'text/plain', bytes: 12, path: file });
    return `Add this file to the repository\n\n${ATTACHED}\n${given}`;
  };

  it('is copied into the repository as it is, and committed', () => {
    const demo = clone();
    const { title } = resultOf(work({ cwd: demo.cwd, task: add(demo) }));
    expect(title).toBe('Add data.csv');
    expect(demo.git('show', 'HEAD:data.csv')).toBe('a,b\n1,{{2}}');
    expect(demo.git('status', '--short')).toBe('');
  });

  it('may come while it works, and after it has ended', () => {
    const demo = clone();
    const meanwhile = work({ cwd: demo.cwd, task: JSON_FLAG, remarks: { 3: add(demo) } });
    expect(demo.git('show', 'HEAD:data.csv')).toContain('1,{{2}}');
    const later = add(demo, 'more.csv');
    const before = [...meanwhile.messages];
    work({ cwd: demo.cwd, task: later, before });
    expect(demo.git('show', 'HEAD:more.csv')).toContain('1,{{2}}');
  });
});
