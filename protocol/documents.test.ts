import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { PARTS, sourceFiles } from './testing/source-files.ts';

const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const SOURCES = PARTS.flatMap(sourceFiles).map(({ file }) => `/${file}`);

it.each(['AGENTS.md', 'CONTRIBUTING.md'])('%s names files that are there', (document) => {
  const text = readFileSync(path.join(ROOT, document), 'utf8');
  const named = [...text.matchAll(/`(?<file>[\w./-]+\.tsx?)`/g)].map(({ groups }) => groups?.file);
  expect(named.length).toBeGreaterThan(10);
  expect(named.filter((file) => !SOURCES.some((one) => one.endsWith(`/${file}`)))).toEqual([]);
});
