import { chmodSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { PushShown } from '../../protocol/power.ts';
import { pushShown } from '../../sandbox/push-shown.ts';
import { type Repositories, makeRepositories } from '../../sandbox/testing/repositories.ts';
import { type PushChanges, pushChanges } from './push-changes.ts';

const CI = '.github/workflows/ci.yml';

let repositories: Repositories;
let sandbox: ReturnType<Repositories['sandbox']>;
let base: string;

/** The base has a workflow; the sandbox has cloned it. */
beforeEach(() => {
  repositories = makeRepositories();
  const { person } = repositories;
  base = person.commit('Workflow', {
    [CI]: 'on: push\n',
    '.github/dependabot.yml': 'a: 1\n',
    'docs/how.md': 'x\n',
    '.claude/settings.json': '{}\n',
  });
  person.git('push', '--quiet', 'origin', 'main');
  sandbox = repositories.sandbox('one');
});
afterEach(() => repositories.remove());

const shownOf = (commit: string, before: string | null = null): Promise<PushShown> =>
  pushShown(sandbox.runner, { commit, before, base });

async function changesOf(commit: string, before: string | null = null): Promise<PushChanges> {
  const changes = await pushChanges(await shownOf(commit, before));
  if (changes === null) throw new Error('It does not show what it changes.');
  return changes;
}

it('says nothing of commits that leave the paths of power alone, whatever else they do', async () => {
  sandbox.commit('Work', {
    'a.txt': 'x\n',
    '.github/dependabot.yml': 'a: 2\n',
    'docs/how.md': 'y\n',
    'sub/.github/workflows/x.yml': 'x\n',
    'workflows/x.yml': 'x\n',
  });
  expect(await changesOf(sandbox.git('rev-parse', 'HEAD'))).toEqual({ fresh: [], paths: [] });
});

it('shows each file as it was and as it shall be', async () => {
  sandbox.git('rm', '--quiet', '.claude/settings.json');
  const commit = sandbox.commit('Work', {
    [CI]: 'on: push\nrun: x\n',
    '.github/actions/a/b/action.yml': 'name: a\n',
    '.mainloop/setup.sh': 'true\n',
    'docs/CODEOWNERS': '* @ana\n',
  });
  const { fresh, paths } = await changesOf(commit);
  expect(fresh.toSorted((one, other) => (one.path < other.path ? -1 : 1))).toEqual([
    { path: '.claude/settings.json', from: '{}\n', to: null, modes: null },
    { path: '.github/actions/a/b/action.yml', from: null, to: 'name: a\n', modes: null },
    { path: CI, from: 'on: push\n', to: 'on: push\nrun: x\n', modes: null },
    { path: '.mainloop/setup.sh', from: null, to: 'true\n', modes: null },
    { path: 'docs/CODEOWNERS', from: null, to: '* @ana\n', modes: null },
  ]);
  expect(paths).toHaveLength(5);
});

it.each([
  '.gitmodules',
  '.gitattributes',
  '.mcp.json',
  'CODEOWNERS',
  '.github/CODEOWNERS',
  '.MCP.json',
  '.GitHub/Workflows/x.yml',
  '.claude',
])('knows %s', async (file) => {
  if (file === '.claude') sandbox.git('rm', '-r', '--quiet', '.claude');
  const commit = sandbox.commit('Work', { [file]: 'x\n' });
  expect((await changesOf(commit)).paths).toContain(file);
});

it('knows what is no text, a link, and a file that may be run since', async () => {
  const { directory } = sandbox;
  chmodSync(path.join(directory, CI), 0o755);
  symlinkSync('../../evil', path.join(directory, '.github/workflows/link.yml'));
  const commit = sandbox.commit('Work', { '.mainloop/x': 'a\0b' });
  expect((await changesOf(commit)).fresh).toMatchObject([
    { path: CI, modes: '100644 to 100755' },
    { path: '.github/workflows/link.yml', to: '[a link to ../../evil]' },
    { path: '.mainloop/x', to: expect.stringMatching(/^\[no text: 3 bytes, [0-9a-f]{40}\]$/) },
  ]);
});

describe('what the branch has at the host', () => {
  it('is not fresh, until it changes again', async () => {
    const first = sandbox.commit('One', { [CI]: 'on: push\n1\n' });
    const second = sandbox.commit('Two', { 'a.txt': '2\n' });
    expect(await changesOf(second, first)).toEqual({ fresh: [], paths: [CI] });
    const third = sandbox.commit('Three', { [CI]: 'on: push\n3\n' });
    expect((await changesOf(third, second)).fresh).toMatchObject([{ path: CI }]);
    const back = sandbox.commit('Back', { [CI]: 'on: push\n' });
    expect(await changesOf(back, third)).toEqual({ fresh: [], paths: [] });
  });
});

describe('a sandbox that does not show the truth', () => {
  it('shows nothing, or what is so, whichever object it leaves out or changes', async () => {
    const commit = sandbox.commit('Work', { [CI]: 'on: push\nevil\n' });
    const shown = await shownOf(commit);
    const truth = await pushChanges(shown);
    expect(truth?.paths).toEqual([CI]);
    const lied: unknown[] = [];
    for (const [place, object] of shown.objects.entries()) {
      const without = shown.objects.filter((_, at) => at !== place);
      const data = Buffer.concat([Buffer.from(object.data, 'base64'), Buffer.from(' ')]);
      const changed = shown.objects.with(place, { ...object, data: data.toString('base64') });
      for (const objects of [without, changed]) lied.push(await pushChanges({ ...shown, objects }));
    }
    const believed = lied.filter((one) => one !== null);
    expect(lied.length - believed.length).toBeGreaterThanOrEqual(16);
    expect(believed).toEqual(believed.map(() => truth));
  });

  it('is none the better for objects of another commit, garbage, or the wrong kind', async () => {
    const quiet = sandbox.commit('Quiet', { 'a.txt': 'x\n' });
    const loud = sandbox.commit('Loud', { [CI]: 'on: push\nevil\n' });
    const { objects } = await shownOf(quiet);
    expect(await pushChanges({ commit: loud, before: null, base, objects })).toBeNull();
    const garbage = objects.map((one) => ({ ...one, data: '%%%' }));
    expect(await pushChanges({ commit: quiet, before: null, base, objects: garbage })).toBeNull();
    const blobs = objects.map((one) => ({ ...one, type: 'blob' as const }));
    expect(await pushChanges({ commit: quiet, before: null, base, objects: blobs })).toBeNull();
  });
});
