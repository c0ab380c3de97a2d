import { expect, it } from 'vitest';
import { type Described, readServers, startable } from './servers.ts';

const json = (value: unknown) => JSON.stringify(value);

it.each([
  ['no JSON', '{', ['.mcp.json cannot be read: no server of it was started.']],
  ['another shape', '[]', ['.mcp.json cannot be read: no server of it was started.']],
  [
    'other kinds',
    json({ mcpServers: { ws: { type: 'ws', url: 'ws://a' }, none: {}, 'a b': { command: 'a' } } }),
    [
      'The MCP server ws of .mcp.json is of no kind that can be started.',
      'The MCP server none of .mcp.json is of no kind that can be started.',
      'An MCP server of .mcp.json has a name that cannot be used: a b.',
    ],
  ],
])('an .mcp.json of %s is said to be wrong, and starts nothing', (_, text, notes) => {
  expect(readServers(text, '.mcp.json')).toEqual({ servers: {}, notes });
});

it('of servers so many are taken, and of each only what is known', () => {
  const many = Object.fromEntries(
    Array.from({ length: 25 }, (_, index) => [`s${index}`, { command: 'a', cwd: '/', x: 1 }]),
  );
  const { servers, notes } = readServers(json({ mcpServers: many }), '.mcp.json');
  expect(Object.keys(servers)).toHaveLength(20);
  expect(servers.s0).toEqual({ command: 'a', args: [], env: {} });
  expect(notes[0]).toBe('The MCP server s20 was left out: 20 are the most.');
});

const place = {
  variables: { KEY: 'k', ODD: '${ANTHROPIC_AUTH_TOKEN}' },
  directory: '/work/repo',
  tree: '/work/tree',
  holds: (file: string) => file === 'tools/server.mjs',
};
const stdio = (command: string, args: string[] = [], env = {}): Described => ({
  command,
  args,
  env,
});

it('a server’s own files are those of when the task began; what it works on is not', () => {
  const args = [
    'tools/server.mjs',
    './tools/../tools/server.mjs',
    '${CLAUDE_PROJECT_DIR}/tools/server.mjs',
    '${CLAUDE_PROJECT_DIR}',
    'data.json',
    '--port=1',
    '../tools/server.mjs',
  ];
  expect(startable('a', stdio('tools/server.mjs', args), place)).toMatchObject({
    command: '/work/tree/tools/server.mjs',
    args: [
      '/work/tree/tools/server.mjs',
      '/work/tree/tools/server.mjs',
      '/work/tree/tools/server.mjs',
      '/work/repo',
      'data.json',
      '--port=1',
      '../tools/server.mjs',
    ],
  });
});

it('a server is given the repository’s variables, and nothing of the sandbox’s', () => {
  expect(
    startable('a', stdio('a', ['${KEY}-${NONE:-else}'], { A: '${KEY}' }), place),
  ).toMatchObject({
    args: ['k-else'],
    env: { A: 'k', ANTHROPIC_AUTH_TOKEN: '', ANTHROPIC_BASE_URL: '' },
  });
  for (const name of ['ANTHROPIC_AUTH_TOKEN', 'MAINLOOP_TASK_TOKEN', 'constructor']) {
    expect(startable('a', stdio('a', [`\${${name}}`]), place)).toBe(
      `The MCP server a was left out: the variable ${name} that it names is not set for this repository.`,
    );
  }
});

it('an address is one of http or https', () => {
  const at = (url: string) =>
    startable('a', { type: 'http', url, headers: { K: '${KEY}' } }, place);
  expect(at('https://example.com/${KEY}')).toEqual({
    type: 'http',
    url: 'https://example.com/k',
    headers: { K: 'k' },
    alwaysLoad: true,
  });
  for (const url of ['file:///etc/passwd', 'none', 'ws://example.com']) {
    expect(at(url)).toBe('The MCP server a was left out: its address is none of http or https.');
  }
});
