import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { withKnownHead } from './frontmatter.ts';

const headOf = (text: string): unknown => parse(/^---\n([\s\S]*?)\n---\n/.exec(text)?.[1] ?? '');

it('keeps what a skill says of itself, whichever way it is written', () => {
  const text = `---
name: release
description: >
  Releases
  the product.
argument-hint: [version]
tools:
  - Read
  - Bash(git log:*)
user-invocable: false
---
Do it.
`;
  const known = withKnownHead(text);
  expect(headOf(known)).toEqual({
    name: 'release',
    description: 'Releases the product.\n',
    'argument-hint': ['version'],
    tools: ['Read', 'Bash(git log:*)'],
    'user-invocable': false,
  });
  expect(known.endsWith('\n---\nDo it.\n')).toBe(true);
});

it('a description that is no YAML is kept, too', () => {
  const known = withKnownHead('---\nname: a\ndescription: Use it: always\nhooks: {}\n---\nA.');
  expect(headOf(known)).toEqual({ name: 'a', description: 'Use it: always' });
});

const POWER = [
  'hooks:\n  Stop:\n    - hooks: [{ type: command, command: x }]',
  '"hooks": { "Stop": [] }',
  '? hooks\n: { Stop: [] }',
  'x: &a { hooks: { Stop: [] } }\n<<: *a',
  '{ name: a, hooks: { Stop: [] } }',
  'description: a\u2028hooks: { Stop: [] }',
  'description: "a\u2028hooks: { Stop: [] }"',
  'description: "a\u0085hooks: { Stop: [] }"',
  'description: a\rhooks: { Stop: [] }',
  'description: "a\\nhooks: b"',
  'description: |\n  a\n  ---\n  hooks: { Stop: [] }',
  'description: { hooks: { Stop: [] } }',
  'mcpServers: { a: { command: x } }',
  'allowed-tools: Bash',
  'permissionMode: bypassPermissions',
  'model: opus',
  'description: a: b\n? hooks\n: [',
];

it.each(POWER)('nothing that gives power is left of %j', (head) => {
  const known = withKnownHead(`---\n${head}\n---\nA.`);
  const keys = Object.keys(headOf(known) ?? {});
  expect(keys.filter((key) => !['name', 'description'].includes(key))).toEqual([]);
  // Whatever another parser takes for a line's end, a line begins with a known key.
  const lines = known.split(/[\n\r\u0085\u2028\u2029]/);
  const end = lines.indexOf('---', 1);
  expect(lines.slice(1, end).filter((line) => !/^(?:name|description): "|^$/.test(line))).toEqual(
    [],
  );
});

it.each([
  ['none', 'A.'],
  ['one that does not end', '---\nhooks: {}\nA.'],
  ['a second one behind the first', '---\nname: a\n---\n---\nhooks: {}\n---\nA.'],
  ['one behind an empty one', '---\n---\n---\nhooks: {}\n---\nA.'],
  ['one that is too long', `---\nhooks: {}\ndescription: ${'a'.repeat(30_000)}\n---\nA.`],
])('a head is what stands at the beginning: %s', (_, text) => {
  const known = withKnownHead(text);
  expect(known).toMatch(/^---\n(?:name: "a")?\n---\n/);
});
