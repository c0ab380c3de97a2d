import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { type DemoClone, cloneDemo } from '../testing/demo-clone.ts';
import { type WorkRun, work } from '../testing/claude-code.ts';

const clones: DemoClone[] = [];
function clone(name: 'todo' | 'site'): DemoClone {
  const made = cloneDemo(name);
  clones.push(made);
  return made;
}
afterEach(() => {
  for (const one of clones.splice(0)) one.remove();
});

function resultOf(run: WorkRun): { summary: string; title: string; body: string } {
  const json = /```json\n([\s\S]*)\n```$/.exec(run.end ?? '')?.[1];
  return JSON.parse(json ?? 'null');
}

const JOBS = [
  [
    'todo',
    'Add a --json flag to the list command',
    'Add --json to list',
    ['README.md', 'src/commands/list.js', 'test/list.test.js'],
  ],
  [
    'todo',
    'Fix done when the number is out of range',
    'Fix done for numbers that are not in the list',
    ['src/commands/done.js', 'src/pick.js', 'test/done.test.js'],
  ],
  [
    'todo',
    'Add a remove command',
    'Add a remove command',
    ['README.md', 'src/cli.js', 'src/commands/remove.js', 'src/pick.js', 'test/remove.test.js'],
  ],
  [
    'todo',
    'Add due dates with tests and docs',
    'Add due dates',
    [
      'README.md',
      'src/commands/add.js',
      'src/due.js',
      'src/format.js',
      'test/add.test.js',
      'test/due.test.js',
      'test/format.test.js',
    ],
  ],
  [
    'site',
    'Add dark mode to the site',
    'Add dark mode',
    ['README.md', 'src/page.js', 'test/contrast.test.js', 'test/site.test.js', 'theme/style.css'],
  ],
] as const;

describe.each(JOBS)('in %s: “%s”', (name, task, title, files) => {
  it('is done in one commit, with tests that fail without it', () => {
    const demo = clone(name);
    const run = work({ cwd: demo.cwd, task });
    expect(demo.git('log', '--format=%s').split('\n')).toEqual([title, 'Begin']);
    expect(demo.git('status', '--short')).toBe('');
    expect(demo.git('diff', '--name-only', 'HEAD~', 'HEAD').split('\n')).toEqual(files);
    const passed = Number(/^ℹ pass (\d+)/m.exec(demo.runTests())?.[1]);

    const { summary, title: named, body } = resultOf(run);
    expect(named).toBe(title);
    expect(summary).toContain(`Tests ran: ${passed} pass.`);
    expect(body).toContain(`${passed} pass`);
    expect(body).toContain('offline model');

    const sources = files.filter((file) => !file.startsWith('test/') && file !== 'README.md');
    for (const file of sources) {
      const known = demo.git('ls-tree', '--name-only', 'HEAD~', file) !== '';
      if (known) demo.git('checkout', '--quiet', 'HEAD~', '--', file);
      else demo.git('rm', '--quiet', file);
    }
    expect(() => demo.runTests()).toThrow(/ℹ fail [1-9]/);
  });
});

describe('a sandbox that was replaced', () => {
  const TASK = 'Add a --json flag to the list command';

  it('goes on from the files of a checkpoint, in a new session, and ends the same', () => {
    const whole = clone('todo');
    work({ cwd: whole.cwd, task: TASK });
    const wanted = whole.git('rev-parse', 'HEAD^{tree}');
    for (const cutAfter of [5, 13]) {
      const demo = clone('todo');
      work({ cwd: demo.cwd, task: TASK, cutAfter });
      const run = work({
        cwd: demo.cwd,
        task: `${TASK}\n\nAn earlier sandbox has begun this work: its commits are here. Go on.`,
      });
      expect(demo.git('rev-parse', 'HEAD^{tree}')).toBe(wanted);
      expect(demo.git('log', '--format=%s').split('\n')).toHaveLength(2);
      expect(resultOf(run).title).toBe('Add --json to list');
    }
  });

  it('goes on from its transcript when files are older than that', () => {
    const demo = clone('todo');
    const cut = work({ cwd: demo.cwd, task: TASK, cutAfter: 6 });
    demo.git('checkout', '--quiet', '--', '.');
    work({
      cwd: demo.cwd,
      task: 'Your sandbox was replaced. Go on with the task.',
      before: cut.messages,
    });
    expect(demo.git('diff', '--stat', 'HEAD~', 'HEAD')).toContain('3 files changed');
    expect(demo.runTests()).toContain('ℹ fail 0');
  });

  it('changes nothing where all is done', () => {
    const demo = clone('todo');
    work({ cwd: demo.cwd, task: TASK });
    const run = work({ cwd: demo.cwd, task: TASK });
    expect(demo.git('log', '--format=%s').split('\n')).toHaveLength(2);
    expect(run.steps.some(({ call }) => call?.name === 'Edit' || call?.name === 'Write')).toBe(
      false,
    );
  });
});

describe('what the person says meanwhile', () => {
  it('renames the flag, in what is written and in what is to come', () => {
    const demo = clone('todo');
    const run = work({
      cwd: demo.cwd,
      task: 'Add a --json flag to the list command',
      remarks: { 7: 'name the flag --as-json' },
    });
    const answers = run.steps.filter(({ text }) => text.startsWith('Noted: '));
    expect(answers).toHaveLength(1);
    expect(demo.git('grep', '--count', '-e', '--as-json').split('\n')).toHaveLength(3);
    expect(demo.git('show', 'HEAD')).not.toMatch(/^\+.*--json/m);
    expect(demo.runTests()).toContain('ℹ fail 0');
    expect(resultOf(run).title).toBe('Add --as-json to list');
  });

  it('goes into the README in the words that were given', () => {
    const demo = clone('todo');
    const remarks = { 4: 'also mention in the README that Node 20 is enough' };
    work({ cwd: demo.cwd, task: 'Fix the crash in done', remarks });
    expect(demo.git('show', 'HEAD:README.md')).toContain('- Node 20 is enough.');
  });

  it('goes into a changelog that was not there', () => {
    const demo = clone('todo');
    const remarks = { 2: 'put it into the changelog, too' };
    work({ cwd: demo.cwd, task: 'Add a remove command', remarks });
    expect(demo.git('show', 'HEAD:CHANGELOG.md')).toContain(
      '## Unreleased\n\n- `todo remove <number>`',
    );
  });

  it('after the end is a second commit, and the result tells of it', () => {
    const demo = clone('todo');
    const first = work({ cwd: demo.cwd, task: 'Add a remove command' });
    const before = [...first.messages, { role: 'assistant' as const, content: first.end }];
    const run = work({ cwd: demo.cwd, task: 'put a line into the changelog', before });
    expect(demo.git('log', '--format=%s').split('\n')).toHaveLength(3);
    expect(run.steps.some(({ text }) => text.startsWith('Noted: '))).toBe(true);
    expect(resultOf(run).title).toBe('Add a remove command');
  });

  it('is passed on when this model cannot do it', () => {
    const demo = clone('todo');
    const remarks = { 3: 'make it play a melody' };
    const run = work({ cwd: demo.cwd, task: 'Fix the crash in done', remarks });
    expect(resultOf(run).body).toContain('- “make it play a melody”');
  });
});

describe('honesty', () => {
  it('claims no success when a test fails', () => {
    const demo = clone('todo');
    const file = path.join(demo.cwd, 'test/broken.test.js');
    writeFileSync(
      file,
      "import { test } from 'node:test';\ntest('broken', () => { throw new Error('no'); });\n",
    );
    demo.git('add', '--all');
    demo.git('commit', '--quiet', '--message=Break it');
    const run = work({ cwd: demo.cwd, task: 'Add a remove command' });
    const { summary, title, body } = resultOf(run);
    expect(title).toBe('WIP: Add a remove command');
    expect(summary).toMatch(/^Not finished: .* Tests fail: 1 of 20\./);
    expect(body).toContain('- broken');
  });

  it('says what it could not place', () => {
    const demo = clone('todo');
    const file = path.join(demo.cwd, 'src/commands/list.js');
    writeFileSync(
      file,
      readFileSync(file, 'utf8').replace('if (todos.length === 0)', 'if (!todos.length)'),
    );
    demo.git('commit', '--quiet', '--all', '--message=Reword');
    const run = work({ cwd: demo.cwd, task: 'Add a --json flag to list' });
    expect(resultOf(run).summary).toMatch(/^Not finished/);
    expect(resultOf(run).body).toContain('was not found in src/commands/list.js');
  });

  it('leaves a note, and says so, for work that it does not know', () => {
    const demo = clone('todo');
    const run = work({ cwd: demo.cwd, task: 'Translate the help into Latin' });
    expect(demo.git('diff', '--name-only', 'HEAD~', 'HEAD')).toBe('NOTES.md');
    expect(demo.git('show', 'HEAD:NOTES.md')).toMatch(/- `src\/cli\.js:\d+`/);
    expect(resultOf(run).body).toContain('This is a note and not the change itself');
  });

  it('does not do the work of one repository in another', () => {
    const demo = clone('todo');
    const run = work({ cwd: demo.cwd, task: 'Add dark mode' });
    expect(resultOf(run).title).toBe('Note: Add dark mode');
  });
});

describe('all work on the to-do list', () => {
  const tasks = JOBS.filter(([name]) => name === 'todo').map(([, task]) => task);

  it.each([0, 2])('can be done one after another, beginning at %i', (start) => {
    const demo = clone('todo');
    const order = [...tasks.slice(start), ...tasks.slice(0, start)];
    for (const task of order) {
      const run = work({ cwd: demo.cwd, task });
      expect(resultOf(run).title).not.toMatch(/^WIP/);
    }
    expect(demo.git('log', '--format=%s').split('\n')).toHaveLength(order.length + 1);
    expect(demo.runTests()).toContain('ℹ fail 0');
  });

  it('can be done side by side and merged without a conflict', () => {
    const demo = clone('todo');
    for (const [index, task] of tasks.entries()) {
      demo.git('checkout', '--quiet', '-b', `task-${index}`, 'main');
      work({ cwd: demo.cwd, task });
    }
    demo.git('checkout', '--quiet', 'main');
    for (const index of tasks.keys()) demo.git('merge', '--no-edit', '--quiet', `task-${index}`);
    expect(demo.runTests()).toContain('ℹ fail 0');
  });
});
