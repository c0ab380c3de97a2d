import { mkdirSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { RunnerEvent } from '../../protocol/runner.ts';
import { type Repositories, makeRepositories } from '../testing/repositories.ts';
import { RepositoryEquipment } from './equipment.ts';
import { readEquipment } from './read.ts';

let repositories: Repositories;

beforeEach(() => {
  repositories = makeRepositories();
});
afterEach(() => repositories.remove());

const SKILL = '---\nname: a\ndescription: A.\n---\nA.\n';
const json = (value: unknown) => JSON.stringify(value);

/** What the person's newest commit brings. */
function brought() {
  repositories.person.git('push', '--quiet', 'origin', 'main');
  const { runner, git } = repositories.sandbox('one');
  return readEquipment(runner, git('rev-parse', 'HEAD'), '/tree');
}

it('a repository without any brings nothing', async () => {
  const { told, plugins, servers } = await brought();
  expect(plugins).toEqual([]);
  expect(servers.size).toBe(0);
  expect(told).toMatchObject({ skills: [], commands: [], agents: [], plugins: [], notes: [] });
});

it('links lead nowhere, and what is too large or hidden is left out', async () => {
  const { directory } = repositories.person;
  mkdirSync(path.join(directory, '.claude/skills/linked'), { recursive: true });
  symlinkSync('/etc/passwd', path.join(directory, '.claude/skills/linked/SKILL.md'));
  symlinkSync('/etc', path.join(directory, '.claude/agents'));
  repositories.person.commit('Bring', {
    '.claude/skills/a/SKILL.md': SKILL,
    '.claude/skills/a/large.txt': 'a'.repeat(2_000_001),
    '.claude/skills/a/.claude-plugin/plugin.json': json({ name: 'x', hooks: {} }),
    '.claude/skills/.b/SKILL.md': SKILL,
    '.claude/skills/no-skill.md': SKILL,
  });
  const { told, plugins } = await brought();
  expect(told.skills).toEqual(['a']);
  expect(told.notes).toEqual([
    '.claude/agents is a link, and was left out.',
    '.claude/skills/a/large.txt was left out: too much.',
    '.claude/skills/linked/SKILL.md is a link, and was left out.',
  ]);
  expect(plugins[0]?.files.map((file) => file.path)).toEqual([
    '.claude-plugin/plugin.json',
    'skills/a/SKILL.md',
  ]);
});

it('a plugin is one of the repository’s own, enabled, and within it', async () => {
  const source = (name: string, at: unknown) => ({ name, source: at });
  repositories.person.commit('Bring', {
    '.claude/settings.json': json({
      enabledPlugins: {
        'kit@acme': true,
        'off@acme': false,
        'up@acme': true,
        'root@acme': true,
        'git@acme': true,
        'project@acme': true,
        'kit@other': true,
      },
    }),
    '.claude-plugin/marketplace.json': json({
      name: 'acme',
      plugins: [
        source('kit', './plugins/kit/'),
        source('off', './plugins/off'),
        source('up', './plugins/../../up'),
        source('root', './'),
        source('git', { source: 'github', repo: 'evil/kit' }),
        source('project', './plugins/kit'),
        source('not-enabled', './plugins/kit'),
      ],
    }),
    'plugins/kit/skills/a/SKILL.md': SKILL,
    'plugins/kit/.claude-plugin/plugin.json': json({
      name: 'kit',
      hooks: './hooks.json',
      mcpServers: { own: { command: 'own' } },
    }),
    'plugins/off/skills/b/SKILL.md': SKILL,
  });
  const { told, plugins } = await brought();
  expect(told).toMatchObject({ plugins: ['kit'], skills: ['kit:a'], servers: ['plugin_kit_own'] });
  expect(told.notes).toEqual([
    'The plugin up@acme is not in the repository, and was left out.',
    'The plugin root@acme is not in the repository, and was left out.',
    'The plugin git@acme is not in the repository, and was left out.',
    "The plugin project was left out: the repository's own skills have that name.",
    'The plugin kit@other is not in the repository, and was left out.',
  ]);
  const [manifest] = plugins[0]?.files ?? [];
  expect(Object.keys(JSON.parse(manifest?.bytes.toString() ?? ''))).toEqual([
    'name',
    'version',
    'description',
  ]);
});

/** What is told of a repository with one skill when a sandbox begins. */
async function opened(
  equipment: { isTrusted: boolean; commit: string | null },
  baseBranch = 'main',
) {
  const events: RunnerEvent['body'][] = [];
  const { root, directory, runner, git } = repositories.sandbox(`sandbox-${events.length}`);
  const reporter = { add: (body: RunnerEvent['body']) => events.push(body), flush: async () => {} };
  const brief = { repository: 'acme/todo', baseBranch, equipment };
  const one = new RepositoryEquipment({ brief, reporter, root });
  await one.open(runner, directory, git('rev-parse', 'HEAD'), {});
  return { events, laid: await one.layOut() };
}

it('a commit that is not in the base branch’s history equips nobody', async () => {
  repositories.person.commit('Bring', { '.claude/skills/a/SKILL.md': SKILL });
  repositories.person.git('push', '--quiet', 'origin', 'main');
  repositories.person.git('checkout', '--quiet', '-b', 'other');
  const elsewhere = repositories.person.commit('Other', { '.mcp.json': '{}' });
  repositories.person.git('push', '--quiet', 'origin', 'other');
  const { events, laid } = await opened({ isTrusted: true, commit: elsewhere });
  expect(events).toEqual([
    {
      type: 'step',
      text: `main no longer holds the commit ${elsewhere.slice(0, 7)} that the task began with: the worker goes on without the repository's equipment.`,
    },
  ]);
  expect(laid).toEqual({ plugins: [], servers: {} });
});

it('a base branch that a worker wrote equips nobody, whoever trusts the repository', async () => {
  repositories.person.commit('Bring', { '.claude/skills/a/SKILL.md': SKILL });
  repositories.person.git('push', '--quiet', 'origin', 'main');
  const { events, laid } = await opened({ isTrusted: true, commit: null }, 'mainloop/before-1');
  expect(events).toMatchObject([
    { isUsed: false, skills: ['a'], notes: ["The branch mainloop/before-1 is a worker's."] },
  ]);
  expect(laid).toEqual({ plugins: [], servers: {} });
});

it('a trusted one that brings nothing tells its commit; another tells nothing', async () => {
  const { events } = await opened({ isTrusted: true, commit: null });
  expect(events).toMatchObject([{ type: 'equipment', isUsed: true, skills: [], notes: [] }]);
});

it('one that nobody trusts and that brings nothing has nothing to tell', async () => {
  expect((await opened({ isTrusted: false, commit: null })).events).toEqual([]);
});
