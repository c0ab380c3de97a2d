import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const SKIPPED = /(?:^|\/)(?:node_modules|dist|public|\.\w+)\/|^dev\/demo\//;

/** A part of the house. */
export const PARTS = [
  'protocol',
  'worker',
  'web',
  'sandbox',
  'dev',
  'install',
  'e2e',
  'bench',
] as const;

export type Import = {
  /** The file that is imported, from the repository's root. */
  target: string;
  /** Erased before it runs. */
  typeOnly: boolean;
  /** What is taken of it; `*` is all, `default` the default. */
  names: string[];
};
export type SourceFile = { file: string; text: string; imports: Import[] };

/** Tests, and what only they use. */
export function isTest(file: string): boolean {
  return /\.test\.tsx?$/.test(file) || /(?:^|\/)testing\//.test(file);
}

const STATIC =
  /^[ \t]*(?:import|export)\s+(?<type>type\s+)?(?<what>[^;'"]*?)\s*from\s+'(?<from>\.[^']+)'/gm;
const BARE = /^[ \t]*import\s+'(?<from>\.[^']+)'/gm;
const DYNAMIC = /\bimport\(\s*'(?<from>\.[^']+)'\s*\)/g;

function namesIn(what: string): string[] {
  if (what.startsWith('*')) return ['*'];
  const [, alone] = /^(\w+)/.exec(what) ?? [];
  const [, braces = ''] = /\{([^}]*)\}/.exec(what) ?? [];
  const named = braces
    .split(',')
    .map(
      (one) =>
        one
          .trim()
          .replace(/^type\s+/, '')
          .split(/\s+as\s+/)[0] ?? '',
    )
    .filter((name) => name !== '');
  return alone === undefined ? named : ['default', ...named];
}

function importsIn(file: string, text: string): Import[] {
  const target = (from: string | undefined) =>
    path.posix.join(path.posix.dirname(file), from ?? '');
  return [
    ...[...text.matchAll(STATIC)].map(({ groups }) => ({
      target: target(groups?.from),
      typeOnly: groups?.type !== undefined,
      names: namesIn(groups?.what ?? ''),
    })),
    ...[...text.matchAll(BARE), ...text.matchAll(DYNAMIC)].map(({ groups }) => ({
      target: target(groups?.from),
      typeOnly: false,
      names: ['*'],
    })),
  ];
}

/** Every source file of a part, with what it imports of the repository. */
export function sourceFiles(part: string): SourceFile[] {
  return readdirSync(path.join(ROOT, part), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /(?<!\.d)\.tsx?$/.test(entry.name))
    .map((entry) => path.relative(ROOT, path.join(entry.parentPath, entry.name)))
    .map((file) => file.replaceAll(path.sep, '/'))
    .filter((file) => !SKIPPED.test(file))
    .map((file) => {
      const text = readFileSync(path.join(ROOT, file), 'utf8');
      return { file, text, imports: importsIn(file, text) };
    });
}
