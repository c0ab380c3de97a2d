import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { PARTS, sourceFiles } from './testing/source-files.ts';

const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const FILES = PARTS.flatMap(sourceFiles);
const SOURCES = FILES.map(({ file }) => `/${file}`);

/** The source files that a text names and that are not there. */
function gone(text: string): string[] {
  const named = [...text.matchAll(/`([\w./-]+\.tsx?)`/g)].map(([, file = '']) => file);
  return named.filter((file) => !SOURCES.some((one) => one.endsWith(`/${file}`)));
}

it.each(['AGENTS.md', 'CONTRIBUTING.md'])('%s names files that are there', (document) => {
  const text = readFileSync(path.join(ROOT, document), 'utf8');
  expect(text.match(/`[\w./-]+\.tsx?`/g)?.length).toBeGreaterThan(10);
  expect(gone(text)).toEqual([]);
});

it('comments name files that are there', () => {
  const found = FILES.flatMap(({ file, text }) => {
    const comments = text.match(/\/\*[\s\S]*?\*\/|^[ \t]*\/\/.*$/gm) ?? [];
    return gone(comments.join('\n')).map((name) => `${file}: ${name}`);
  });
  expect(found).toEqual([]);
});
