import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, it } from 'vitest';

const root = mkdtempSync(path.join(tmpdir(), 'mainloop-packages-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const LOCK = {
  '': {},
  'node_modules/a': { version: '1.0.0', integrity: 'sha512-a' },
  'node_modules/b': { version: '2.0.0', integrity: 'sha512-b' },
  'node_modules/b-windows': { version: '2.0.0', integrity: 'sha512-w', optional: true },
};
const { 'node_modules/a': A, 'node_modules/b': B } = LOCK;

/** What `dev/run.mjs` would find, in the Node that runs these tests. */
function isInstalled(there: Record<string, unknown> | null): boolean {
  const written = path.join(root, 'node_modules/.package-lock.json');
  mkdirSync(path.dirname(written), { recursive: true });
  rmSync(written, { force: true });
  writeFileSync(path.join(root, 'package-lock.json'), JSON.stringify({ packages: LOCK }));
  if (there !== null) writeFileSync(written, JSON.stringify({ packages: there }));
  const program = `import { isInstalled } from ${JSON.stringify(path.resolve('dev/installed.mjs'))};
    console.log(isInstalled(process.argv[1]));`;
  const run = spawnSync(process.execPath, ['--input-type=module', '-e', program, root]);
  return run.stdout.toString().trim() === 'true';
}

it('whatever npm itself installed is not installed again', () => {
  expect(isInstalled({ 'node_modules/a': A, 'node_modules/b': B })).toBe(true);
});

it.each([
  ['nothing was installed, or not to its end', null],
  ['a package is missing', { 'node_modules/a': A }],
  [
    'one has another version',
    { 'node_modules/a': A, 'node_modules/b': { ...B, version: '2.1.0' } },
  ],
  ['one has another content', { 'node_modules/a': A, 'node_modules/b': { ...B, integrity: 'x' } }],
  ['one was taken out', { 'node_modules/a': A, 'node_modules/b': B, 'node_modules/c': A }],
])('what is not so is installed: %s', (_, there) => {
  expect(isInstalled(there)).toBe(false);
});
