import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { copiesOf } from './installed.ts';
import { ROOT } from './testing/world.ts';

it('a package that another brought along counts, and one whose name only ends so does not', () => {
  const root = mkdtempSync(path.join(tmpdir(), 'mainloop-installed-'));
  mkdirSync(path.join(root, 'node_modules'));
  const packages = {
    'node_modules/workerd': {},
    'node_modules/wrangler/node_modules/workerd': {},
    'node_modules/@cloudflare/workerd': {},
    'node_modules/not-workerd': {},
  };
  const file = path.join(root, 'node_modules/.package-lock.json');
  writeFileSync(file, JSON.stringify({ packages }));
  expect(copiesOf(root, 'workerd')).toBe(2);
  rmSync(root, { recursive: true });
});

it('this repository has one workerd', () => {
  expect(copiesOf(ROOT, 'workerd')).toBe(1);
});
