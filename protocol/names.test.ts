import { execFileSync } from 'node:child_process';
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { BranchName, RepositoryName } from './ids.ts';

const isBranch = (name: string) => BranchName.safeParse(name).success;
const isRepository = (name: string) => RepositoryName.safeParse(name).success;

/** What git itself says of a branch's name; what a process cannot be given is none. */
function isBranchToGit(name: string): boolean {
  if (name.includes('\0')) return false;
  try {
    execFileSync('git', ['check-ref-format', '--branch', name], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

const HOSTILE = [
  '--upload-pack=',
  '-u',
  'ext::',
  'file://',
  'ssh://',
  '%2e',
  '\\',
  '~',
  '^',
  ':',
  '?',
  '*',
  '[',
  ' ',
  '\n',
  '\r',
  '\0',
  '\x7f',
  '$(x)',
  '`',
  '"',
  "'",
  ';',
  '|',
  '&',
  '<',
  '{',
];

/** Pieces that names are made of, with those that make them wrong. */
const PIECE = fc.oneof(
  { weight: 4, arbitrary: fc.stringMatching(/^[A-Za-z0-9._/#+@=,-]{1,8}$/) },
  {
    weight: 2,
    arbitrary: fc.constantFrom('..', '/', '//', '.lock', '@{', '@', '-', '.', 'HEAD', 'refs/'),
  },
  { weight: 1, arbitrary: fc.constantFrom(...HOSTILE) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', minLength: 1, maxLength: 4 }) },
);
const NAMES = fc.array(PIECE, { minLength: 1, maxLength: 5 }).map((pieces) => pieces.join(''));
/** Of this, git's own rules decide: all that is refused beyond them is said beside BranchName. */
const OURS = /^[A-Za-z0-9_][A-Za-z0-9._/#+@=,-]*$/;
const NO_BRANCH_AT_GITHUB = /^(?:refs\/.*|[0-9a-f]{40}|[0-9a-f]{64})$/i;

it('is a branch just as git says, for the letters that branches may have here', () => {
  fc.assert(
    fc.property(NAMES, (name) => {
      const may = OURS.test(name) && name.length <= 244 && !NO_BRANCH_AT_GITHUB.test(name);
      expect(isBranch(name)).toBe(may && isBranchToGit(name));
    }),
    { numRuns: 200 },
  );
}, 60_000);

it('no branch or repository is an option, another address, another path, or another letter', () => {
  fc.assert(
    fc.property(NAMES, NAMES, (one, other) => {
      for (const name of [one, `${one}/${other}`]) {
        if (!isBranch(name) && !isRepository(name)) continue;
        expect(name).toMatch(/^[\x21-\x7e]+$/);
        expect(name).not.toMatch(/^[-+]|:|\/\/|[\\%?*~^$`"'();|&<>{}[\]!]/);
        expect(name.split('/')).not.toContain('..');
        expect(name.length).toBeLessThanOrEqual(244);
      }
    }),
    { numRuns: 20_000 },
  );
}, 60_000);

it('a repository is the same two parts of an address, whoever reads it', () => {
  fc.assert(
    fc.property(NAMES, NAMES, (owner, name) => {
      const full = `${owner}/${name}`;
      if (!isRepository(full)) return;
      const { origin, pathname, search, hash } = new URL(`https://git.test/${full}.git/info/refs`);
      expect([origin, pathname, search, hash]).toEqual([
        'https://git.test',
        `/${owner}/${name}.git/info/refs`,
        '',
        '',
      ]);
    }),
    { numRuns: 20_000 },
  );
}, 60_000);
