import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import * as z from 'zod/mini';

const Package = z.object({
  version: z.optional(z.string()),
  integrity: z.optional(z.string()),
  resolved: z.optional(z.string()),
  link: z.optional(z.boolean()),
  hasInstallScript: z.optional(z.boolean()),
});
const { packages } = z
  .object({ packages: z.record(z.string(), Package) })
  .parse(JSON.parse(readFileSync('package-lock.json', 'utf8')));
/** What comes from the registry; the rest is this project's own. */
const fetched = Object.entries(packages).filter(
  ([place, { link }]) => place.includes('node_modules/') && link !== true,
);

it('every package, for whatever system, is held to the hash that it had', () => {
  expect(fetched.length).toBeGreaterThan(500);
  const loose = fetched.filter(([, { integrity }]) => !integrity?.startsWith('sha512-'));
  expect(loose.map(([place]) => place)).toEqual([]);
});

it('every package comes from the registry that is set, and none from elsewhere', () => {
  expect(fetched.filter(([, { resolved }]) => resolved !== undefined)).toEqual([]);
});

/**
 * Each of them puts the binary in place that npm has fetched for this system as a package of its own,
 * or fetches that very package from the registry where npm was told to leave it out.
 */
it('no package runs anything when it is installed but these', () => {
  const running = fetched.filter(([, { hasInstallScript }]) => hasInstallScript === true);
  expect(running.map(([place]) => place)).toEqual([
    'node_modules/esbuild',
    'node_modules/node',
    'node_modules/workerd',
  ]);
});
