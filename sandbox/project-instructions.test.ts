import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { projectInstructions } from './project-instructions.ts';

let around: string;
let repository: string;
const at = (...names: string[]) => path.join(repository, ...names);

beforeEach(() => {
  around = mkdtempSync(path.join(tmpdir(), 'mainloop-instructions-'));
  repository = path.join(around, 'repository');
  mkdirSync(at('.git'), { recursive: true });
  mkdirSync(at('docs'));
  writeFileSync(path.join(around, 'secret'), 'the-token-of-the-task');
  writeFileSync(at('.git', 'config'), 'the-token-of-the-task');
});
afterEach(() => {
  rmSync(around, { recursive: true, force: true });
});

it('reads both files, each once, also where one is a link to the other or into the repository', () => {
  writeFileSync(at('docs', 'agents.md'), 'Use tabs.');
  symlinkSync('docs/agents.md', at('AGENTS.md'));
  expect(projectInstructions(repository)).toBe('# AGENTS.md\n\nUse tabs.');
  symlinkSync('AGENTS.md', at('CLAUDE.md'));
  expect(projectInstructions(repository)).toBe('# CLAUDE.md\n\nUse tabs.');
  rmSync(at('CLAUDE.md'));
  writeFileSync(at('CLAUDE.md'), 'Be brief.');
  expect(projectInstructions(repository)).toBe(
    '# CLAUDE.md\n\nBe brief.\n\n# AGENTS.md\n\nUse tabs.',
  );
});

it.each([
  '../secret',
  '/proc/self/environ',
  '/etc/passwd',
  '.git/config',
  '/dev/zero',
  'CLAUDE.md',
  'docs',
  'nowhere',
])('reads nothing that a link to %s leads to', (to) => {
  symlinkSync(to, at('CLAUDE.md'));
  expect(projectInstructions(repository)).toBe('');
});

it('reads nothing through a folder that leads out of the repository, and waits for no pipe', () => {
  symlinkSync(around, at('out'));
  symlinkSync('out/secret', at('CLAUDE.md'));
  execFileSync('mkfifo', [at('AGENTS.md')]);
  expect(projectInstructions(repository)).toBe('');
});

it('reads the beginning of what is long', () => {
  writeFileSync(at('CLAUDE.md'), 'é'.repeat(1_000_000));
  expect(projectInstructions(repository)).toHaveLength(40_000);
});
