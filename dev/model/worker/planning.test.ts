import { afterEach, expect, it } from 'vitest';
import { type WorkRun, work } from '../testing/claude-code.ts';
import { type DemoClone, cloneDemo } from '../testing/demo-clone.ts';

const clones: DemoClone[] = [];
function clone(): DemoClone {
  const made = cloneDemo('todo');
  clones.push(made);
  return made;
}
afterEach(() => {
  for (const one of clones.splice(0)) one.remove();
});

const TASK = 'Add an export command';
const answered = {
  content:
    'Your questions have been answered: "Which format should the export have?"="CSV", "Which fields should it have?"="number, text". You can now continue with these answers in mind.',
  is_error: false,
};
const approved = {
  content: 'User has approved your plan.\n\n## Approved Plan:\n',
  is_error: false,
};
const change = (text: string) => ({
  content: `The person wants the plan changed: ${text}\n\nRevise the plan and present it again.`,
  is_error: true,
});

/** A run that is decided as the list says, one decision a plan. */
function planned(cwd: string, verdicts: { content: string; is_error: boolean }[]): WorkRun {
  const left = [...verdicts];
  return work({
    cwd,
    task: TASK,
    planFirst: true,
    decide: ({ name }) => (name === 'AskUserQuestion' ? answered : (left.shift() ?? approved)),
  });
}

const plansOf = (run: WorkRun) =>
  run.steps.flatMap(({ call }) =>
    call?.name === 'ExitPlanMode' ? [String(call.input['plan'])] : [],
  );
const toolsOf = (run: WorkRun) => run.steps.flatMap(({ call }) => call?.name ?? []);

it('asks once, plans by the answers, and changes nothing before the plan is approved', () => {
  const demo = clone();
  const run = planned(demo.cwd, [approved]);
  const tools = toolsOf(run);
  expect(tools.filter((name) => name === 'AskUserQuestion')).toHaveLength(1);
  const [plan] = plansOf(run);
  expect(plan).toContain('as CSV with the fields number, text');
  expect(plan).toContain('## Alternatives');
  const before = tools.slice(0, tools.indexOf('ExitPlanMode'));
  expect(new Set(before)).toEqual(new Set(['Bash', 'Read', 'AskUserQuestion']));
  expect(demo.git('log', '--format=%s').split('\n')[0]).toBe('Add an export command');
  expect(demo.git('show', 'HEAD:src/commands/export.js')).toContain("['number', 'text']");
  expect(demo.runTests()).toContain('ℹ fail 0');
});

it('takes up what should change, in the plan and in the work', () => {
  const demo = clone();
  const run = planned(demo.cwd, [change('Use semicolons between the fields.'), approved]);
  const [first, second] = plansOf(run);
  expect(first).not.toContain('semicolons');
  expect(second).toContain('separated by semicolons');
  expect(second).toContain('- Use semicolons between the fields.');
  expect(demo.git('show', 'HEAD:src/commands/export.js')).toContain("SEPARATOR = ';'");
  expect(demo.runTests()).toContain('ℹ fail 0');
});

it('does what was picked among the alternatives', () => {
  const demo = clone();
  const picked = {
    content: `${approved.content}\nThe person picks this alternative: Only what is open`,
    is_error: false,
  };
  planned(demo.cwd, [picked]);
  expect(demo.git('show', 'HEAD:src/commands/export.js')).toContain('!todo.done');
  expect(demo.runTests()).toContain('ℹ fail 0');
});

it('sets to work at once where no plan is wanted, and leaves the README to who asks for it', () => {
  const demo = clone();
  const first = work({ cwd: demo.cwd, task: TASK });
  expect(toolsOf(first)).not.toContain('ExitPlanMode');
  expect(demo.git('diff', '--name-only', 'HEAD~', 'HEAD')).not.toContain('README.md');
  const again = 'The checks of the pull request failed: README.md names no command export.';
  work({ cwd: demo.cwd, task: again, before: first.messages });
  expect(demo.git('diff', '--name-only', 'HEAD~', 'HEAD')).toBe('README.md');
  expect(demo.git('show', 'HEAD:README.md')).toContain('### `todo export`');
});

it('does other work after a short plan, too', () => {
  const demo = clone();
  const run = work({
    cwd: demo.cwd,
    task: 'Add a remove command',
    planFirst: true,
    decide: () => approved,
  });
  expect(plansOf(run)[0]).toMatch(/^# Add a remove command[\s\S]*`src\/commands\/remove\.js`/);
  expect(demo.git('log', '--format=%s').split('\n')[0]).toBe('Add a remove command');
});
