import { describe, expect, it } from 'vitest';
import { BranchName } from '../../../protocol/ids.ts';
import { branchName } from './branch-name.ts';
import { idOf } from '../testing/facts.ts';

const TASK_ID = '01JZZZZZZZZZZZZZZZZZABCDEF';

const TITLES = [
  'Add a --json flag to the list command',
  '',
  '   ',
  '😀🎉',
  '--upload-pack=touch x',
  '-u',
  '../../etc/passwd',
  'a..b//c.lock',
  'HEAD@{1}',
  'line\nbreak\0null',
  'ends with a dot.',
  'über straße',
  '日本語の題',
  'x'.repeat(300),
  `${'x'.repeat(39)} y`,
  '\uD83D',
];

describe('branchName', () => {
  it.each(TITLES)('is a name that git and the protocol accept for %j', (title) => {
    const name = branchName(title, TASK_ID);
    expect(BranchName.safeParse(name).success).toBe(true);
    expect(name).toMatch(/^mainloop\/[a-z0-9]+(?:-[a-z0-9]+)*-abcdef$/);
    expect(name.length).toBeLessThan(60);
  });

  it('can be read', () => {
    expect(branchName('Add a --json flag', TASK_ID)).toBe('mainloop/add-a-json-flag-abcdef');
  });

  it('is another one for another task with the same title', () => {
    expect(branchName('Same', idOf(1))).not.toBe(branchName('Same', idOf(2)));
  });
});
