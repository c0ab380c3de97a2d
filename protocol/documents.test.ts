import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { PARTS, isTest, sourceFiles } from './testing/source-files.ts';

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

/** Texts of the product, as far as they stand in one piece: what is put in is cut out. */
const TEXTS = FILES.filter(({ file }) => !isTest(file))
  .map(({ text }) => text.replace(/\$\{[^}]*\}/g, '…').replaceAll("' +\n", ''))
  .join('\n')
  .replace(/\s+/g, ' ');

it('messages that the troubleshooting document explains are those of the product', () => {
  const document = readFileSync(path.join(ROOT, 'docs/troubleshooting.md'), 'utf8');
  const messages = [...document.matchAll(/^\| `([^`]+)` \|/gm)].map(([, message = '']) => message);
  expect(messages.length).toBeGreaterThan(30);
  const pieces = messages.flatMap((message) => message.split('…').map((piece) => piece.trim()));
  expect(pieces.filter((piece) => !TEXTS.includes(piece))).toEqual([]);
});

it('links of the documents lead to files that are there', () => {
  const documents = readdirSync(path.join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.md'))
    .map((file) => path.join('docs', file));
  const broken = [...documents, 'README.md', 'CHANGELOG.md'].flatMap((document) => {
    const text = readFileSync(path.join(ROOT, document), 'utf8');
    return [...text.matchAll(/\]\((?!https?:|#)([^)#\s]+)/g)]
      .map(([, target = '']) => path.join(path.dirname(document), target))
      .filter((target) => !existsSync(path.join(ROOT, target)))
      .map((target) => `${document} -> ${target}`);
  });
  expect(broken).toEqual([]);
});
