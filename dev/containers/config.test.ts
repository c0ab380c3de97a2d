import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { withContainers } from './config.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
const TOML = readFileSync(path.join(ROOT, 'wrangler.toml'), 'utf8');

it('the project’s configuration can be read from another folder, with containers', () => {
  const made = withContainers(TOML, '/somewhere');
  expect(made).toContain('enable_containers = true');
  expect(made).toContain('main = "/somewhere/worker/index.ts"');
  expect(made).toContain('directory = "/somewhere/web/dist"');
  expect(made).toContain('dockerfile = "/somewhere/sandbox/Dockerfile"');
  expect(made).toContain('build_context = "/somewhere"');
  // Nothing else that might be a path is left as it was.
  expect(made).not.toMatch(/= "\.?\/(?!somewhere|api)/);
});

it('a configuration without the switch is an error', () => {
  expect(() => withContainers('name = "x"', '/somewhere')).toThrow('enable_containers');
});
