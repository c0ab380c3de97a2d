import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { pack } from './setup-archive.ts';

const MEBIBYTE = 1_048_576;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'mainloop-archive-'));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

/** As sudo: tar is its child, which no signal to sudo's caller's child ends. */
function sudoIs(script: string): void {
  const file = path.join(folder, 'sudo');
  writeFileSync(file, `#!/bin/sh\n${script}\n`);
  chmodSync(file, 0o755);
  vi.stubEnv('PATH', `${folder}:${process.env.PATH}`);
}

it('too much of root’s is told, and its tar has ended by then, without a signal of ours', async () => {
  const end = path.join(folder, 'end');
  sudoIs(`shift; "$@"; echo $? > '${end}'`);
  const large = path.join(folder, 'large');
  writeFileSync(large, randomBytes(101 * MEBIBYTE));
  const packed = await pack([{ files: [large], sudo: true }]);
  expect(packed).toEqual({ is: 'not_packed', why: 'What the set-up wrote is over 100 MB' });
  expect(existsSync(end)).toBe(true);
  expect(readFileSync(end, 'utf8')).not.toBe('0\n');
});

it('where tar cannot be started, that is told', async () => {
  vi.stubEnv('PATH', folder);
  const packed = await pack([{ files: [folder], sudo: true }]);
  expect(packed).toMatchObject({ is: 'not_packed', why: expect.stringContaining('tar: -') });
});
