import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');

/** What each part may import of the others. Imports point one way. */
const MAY_IMPORT: Record<string, string[]> = {
  protocol: [],
  worker: ['protocol'],
  web: ['protocol'],
  sandbox: ['protocol'],
};

/** `web/` may use the type of the Hono app, and nothing of its code. */
const TYPE_ONLY = { from: 'web', file: 'worker/app.ts' };

type Import = { file: string; target: string; typeOnly: boolean };

function importsOf(part: string): Import[] {
  return readdirSync(path.join(ROOT, part), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
    .map((entry) => path.join(entry.parentPath, entry.name))
    .filter((file) => !file.includes('node_modules') && !/\.test\.tsx?$/.test(file))
    .filter((file) => !file.includes(`${path.sep}testing${path.sep}`))
    .flatMap((file) =>
      [
        ...readFileSync(file, 'utf8').matchAll(
          /^\s*(?:import|export)\s+(type\s)?[^;]*?from\s+'(\.[^']+)'/gm,
        ),
      ].map((match) => ({
        file: path.relative(ROOT, file),
        target: path.relative(ROOT, path.resolve(path.dirname(file), match[2] ?? '')),
        typeOnly: match[1] !== undefined,
      })),
    );
}

function allowed(part: string, { target, typeOnly }: Import): boolean {
  const other = target.split(path.sep)[0] ?? '';
  if (other === part || MAY_IMPORT[part]?.includes(other)) return true;
  return part === TYPE_ONLY.from && target === TYPE_ONLY.file && typeOnly;
}

it.each(Object.keys(MAY_IMPORT))('%s imports only what its place in the house allows', (part) => {
  const imports = importsOf(part);
  expect(imports.length).toBeGreaterThan(0);
  expect(imports.filter((one) => !allowed(part, one))).toEqual([]);
});

it('pure rules of the worker know nothing of Cloudflare', () => {
  const rules = readdirSync(path.join(ROOT, 'worker'), { recursive: true, withFileTypes: true })
    .map((entry) => path.join(entry.parentPath, entry.name))
    .filter((file) => /(?<!\.worker|\.pg)\.test\.ts$/.test(file))
    .map((file) => file.replace(/\.test\.ts$/, '.ts'));
  const guilty = rules.filter((file) => {
    try {
      return readFileSync(file, 'utf8').includes("from 'cloudflare:");
    } catch {
      return false;
    }
  });
  expect(guilty).toEqual([]);
});
