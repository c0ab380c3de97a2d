import type { ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type FakeGateway, startFakeGateway } from '../testing/fake-gateway.ts';
import { type Repositories, makeRepositories } from '../testing/repositories.ts';
import { signalAll, startRunner } from '../testing/start-runner.ts';
import { tinyServer } from '../testing/tiny-server.ts';

/** The runner and Claude Code are real programs here. */
const REAL_MS = 200_000;

let repositories: Repositories;
let gateway: FakeGateway;
let child: ChildProcess | null = null;

beforeEach(async () => {
  repositories = makeRepositories();
  gateway = await startFakeGateway(repositories.origin, null);
});
afterEach(async () => {
  if (child !== null) signalAll(child, 'SIGKILL');
  await gateway.stop();
  repositories.remove();
});

const json = (value: unknown) => JSON.stringify(value);
/** Leaves a file where it runs. */
const ran = (by: string) => path.join(repositories.folder, `ran-${by}`);
const leaves = (by: string) => ({ command: 'touch', args: [ran(by)] });
const hook = (by: string) => ({
  hooks: [{ type: 'command', command: `touch ${ran(by)}` }],
});

/** A repository that brings one of each, and asks for what none is given. */
function equipped(): Record<string, string> {
  const head = (name: string) =>
    [
      '---',
      `name: ${name}`,
      `description: ${name}s: where asked to`,
      'allowed-tools: Bash',
      'hooks:',
      '  PreToolUse:',
      `    - hooks: [{ type: command, command: "touch ${ran(`head-of-${name}`)}" }]`,
      '---',
      '',
    ].join('\n');
  return {
    '.mcp.json': json({
      mcpServers: {
        tiny: {
          command: 'node',
          args: ['tools/server.mjs'],
          env: { GREETING: '${GREETING:-hello}' },
        },
        away: { command: 'no-such-program' },
        secret: { type: 'http', url: 'https://example.com/${NOT_SET}' },
        helped: {
          type: 'http',
          url: 'http://127.0.0.1:9/',
          headersHelper: `touch ${ran('helper')}`,
        },
      },
    }),
    'tools/server.mjs': tinyServer('first'),
    '.claude/skills/greet/SKILL.md': `${head('greet')}Greet with the word MARZIPAN.\n\n!\`touch ${ran('skill')}\`\n`,
    '.claude/agents/helper.md': `${head('helper')}Help.\n`,
    '.claude/settings.json': json({
      enableAllProjectMcpServers: true,
      apiKeyHelper: `touch ${ran('key-helper')}`,
      env: { ANTHROPIC_BASE_URL: 'http://127.0.0.1:9', ANTHROPIC_AUTH_TOKEN: 'x' },
      hooks: { SessionStart: [hook('hook')], PreToolUse: [hook('tool-hook')] },
      permissions: { defaultMode: 'bypassPermissions' },
      enabledPlugins: { 'kit@acme': true, 'far@elsewhere': true },
    }),
    '.claude-plugin/marketplace.json': json({
      name: 'acme',
      plugins: [{ name: 'kit', source: './plugins/kit' }],
    }),
    'plugins/kit/.claude-plugin/plugin.json': json({ name: 'kit', hooks: { Stop: [hook('kit')] } }),
    'plugins/kit/hooks/hooks.json': json({ hooks: { SessionStart: [hook('kit-hook')] } }),
    'plugins/kit/commands/ship.md':
      '---\ndescription: Ships.\n---\nRun ${CLAUDE_PLUGIN_ROOT}/ship.sh\n',
    'plugins/kit/.mcp.json': json({
      mcpServers: { own: { command: 'node', args: ['${CLAUDE_PLUGIN_ROOT}/server.mjs'] } },
    }),
    // What the set-up installs is there for servers, too.
    '.mainloop/setup.sh':
      'mkdir -p node_modules/word && echo "module.exports = \'installed\'" > node_modules/word/index.js\n',
    '.gitignore': 'node_modules\n',
    'plugins/kit/server.mjs': `import word from 'word';\nprocess.env.GREETING = word;\n${tinyServer('kit')}`,
    // Nested ones belong to nobody.
    'sub/.claude/settings.json': json({ hooks: { PreToolUse: [hook('nested')] } }),
    'sub/.claude/skills/deep/SKILL.md': '---\nname: deep\ndescription: NESTEDSKILL\n---\nDeep.\n',
    'sub/.mcp.json': json({ mcpServers: { nested: leaves('nested-server') } }),
    'sub/a.txt': 'a\n',
  };
}

const bash = (id: string, command: string) => ({
  id,
  tool: 'Bash',
  input: { command, description: 'Do it' },
});

/** A sandbox from its beginning to its end. */
async function work(): Promise<void> {
  gateway.calls.length = 0;
  gateway.events.length = 0;
  const started = startRunner(repositories, gateway);
  ({ child } = started);
  const [exit, output] = await Promise.all([started.exit, started.output]);
  expect([exit, exit === 0 ? '' : output]).toEqual([0, '']);
}

const of = <T extends FakeGateway['events'][number]['type']>(type: T) =>
  gateway.events.filter(
    (body): body is Extract<FakeGateway['events'][number], { type: T }> => body.type === type,
  );
const steps = () => of('step').map(({ text }) => text);
const answered = (id: string) => of('tool_result').find(({ toolUseId }) => toolUseId === id);
/** Whether the model was told of it at all. */
const isSaid = (words: string) => gateway.calls.some((call) => call.includes(words));
const left = () =>
  [
    'head-of-greet',
    'head-of-helper',
    'helper',
    'skill',
    'key-helper',
    'hook',
    'tool-hook',
    'kit',
    'kit-hook',
    'nested',
    'nested-server',
    'new-server',
  ].filter((by) => existsSync(ran(by)));

describe('what a repository brings for its workers', () => {
  it(
    'is used where it is trusted, as the task began with it, and gives itself nothing more',
    async () => {
      const begun = repositories.person.commit('Equip', equipped());
      repositories.person.git('push', '--quiet', 'origin', 'main');
      gateway.brief.equipment.isTrusted = true;
      const more = json({ mcpServers: { new: leaves('new-server'), tiny: leaves('new-server') } });
      gateway.script = [
        { id: 'toolu_skill', tool: 'Skill', input: { skill: 'project:greet' } },
        { id: 'toolu_look', tool: 'mcp__tiny__look', input: { file: 'sub/a.txt' } },
        { id: 'toolu_kit', tool: 'mcp__plugin_kit_own__look', input: { file: 'b.txt' } },
        { id: 'toolu_read', tool: 'Read', input: { file_path: 'sub/a.txt' } },
        bash(
          'toolu_change',
          `echo '${more}' > .mcp.json; echo 'process.exit(1)' > tools/server.mjs; mkdir .claude/skills/own; cp .claude/skills/greet/SKILL.md .claude/skills/own/; chmod -R u+w ../equipment; echo 'process.exit(1)' > ../equipment/tree/tools/server.mjs; cp -r .claude/skills/own ../equipment/plugins/project/skills/; git add -A; git commit -qm More`,
        ),
      ];
      await work();
      expect(of('equipment')).toEqual([
        {
          type: 'equipment',
          commit: begun,
          isUsed: true,
          skills: ['greet'],
          commands: ['kit:ship'],
          agents: ['helper'],
          plugins: ['kit'],
          servers: ['tiny', 'away', 'helped', 'plugin_kit_own'],
          notes: [
            'The MCP server secret was left out: the variable NOT_SET that it names is not set for this repository.',
            'The plugin far@elsewhere is not in the repository, and was left out.',
            'Its settings ask for a key helper, variables, hooks, permissions: no repository is given these.',
          ],
        },
      ]);
      expect(gateway.calls[0]?.includes('project:greet: greets: where asked to')).toBe(true);
      expect(gateway.calls[0]?.includes('project:helper: helpers: where asked to')).toBe(true);
      expect(isSaid('NESTEDSKILL')).toBe(false);
      expect(isSaid('Looks at a file.')).toBe(true);
      expect(gateway.calls[1]?.includes('MARZIPAN')).toBe(true);
      // What is set for it and what it works on, and no token.
      expect(answered('toolu_look')).toMatchObject({
        isError: false,
        output: 'first hello no token a\n',
      });
      expect(answered('toolu_kit')?.output).toBe('kit installed no token b\n');
      for (const name of ['away', 'helped']) {
        expect(steps()).toContain(
          `The MCP server ${name} of demo/tasks did not start: the worker goes on without it.`,
        );
      }
      expect(of('result')).toMatchObject([{ result: { is: 'delivered' } }]);
      expect(left()).toEqual([]);

      // The next sandbox has the same, whatever the worker made of it and wherever the base is now.
      repositories.person.commit('Other', { 'tools/server.mjs': tinyServer('second') });
      repositories.person.git('push', '--quiet', 'origin', 'main');
      gateway.brief = {
        ...gateway.brief,
        generation: 2,
        equipment: { isTrusted: true, commit: begun },
      };
      gateway.script = [
        bash('toolu_cat', 'cat .mcp.json tools/server.mjs'),
        { id: 'toolu_look', tool: 'mcp__tiny__look', input: { file: 'a.txt' } },
        { id: 'toolu_own', tool: 'Skill', input: { skill: 'project:own' } },
      ];
      await work();
      expect(answered('toolu_cat')?.output).toContain('new-server');
      expect(answered('toolu_look')?.output).toContain('first hello');
      expect(answered('toolu_own')?.isError).toBe(true);
      expect(left()).toEqual([]);
    },
    REAL_MS,
  );

  it(
    'does nothing where it is not trusted, and is told of',
    async () => {
      repositories.person.commit('Equip', equipped());
      repositories.person.git('push', '--quiet', 'origin', 'main');
      gateway.script = [
        { id: 'toolu_skill', tool: 'Skill', input: { skill: 'project:greet' } },
        { id: 'toolu_look', tool: 'mcp__tiny__look', input: { file: 'a.txt' } },
        { id: 'toolu_read', tool: 'Read', input: { file_path: 'sub/a.txt' } },
      ];
      await work();
      expect(of('equipment')).toMatchObject([
        { isUsed: false, skills: ['greet'], plugins: ['kit'], agents: ['helper'] },
      ]);
      expect(of('equipment')[0]?.notes[0]).toBe('demo/tasks is not trusted.');
      expect(of('equipment')[0]?.servers).toContain('tiny');
      expect(answered('toolu_look')?.isError).toBe(true);
      expect(answered('toolu_skill')?.isError).toBe(true);
      expect(isSaid('Looks at a file.')).toBe(false);
      expect(isSaid('MARZIPAN')).toBe(false);
      expect(left()).toEqual([]);
      expect(existsSync(path.join(repositories.folder, 'workspace', 'equipment'))).toBe(false);
    },
    REAL_MS,
  );

  it(
    'that cannot be read stops no work',
    async () => {
      repositories.person.commit('Equip', {
        '.mcp.json': '{ "mcpServers": [',
        '.claude/settings.json': 'none',
      });
      repositories.person.git('push', '--quiet', 'origin', 'main');
      gateway.brief.equipment.isTrusted = true;
      await work();
      expect(of('equipment')).toMatchObject([
        {
          isUsed: true,
          servers: [],
          notes: ['.mcp.json cannot be read: no server of it was started.'],
        },
      ]);
      expect(repositories.fileAt('made.txt')).toBe('made');
    },
    REAL_MS,
  );
});
