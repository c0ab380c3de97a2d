import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parseEnv } from 'node:util';
import { expect, it } from 'vitest';
import * as z from 'zod/mini';
import { ROOT } from './testing/world.ts';

const Package = z.object({
  cloudflare: z.object({ bindings: z.record(z.string(), z.object({ description: z.string() })) }),
});

const read = (file: string) => readFileSync(path.join(ROOT, file), 'utf8');
const asked = parseEnv(read('.dev.vars.example'));

it('the Deploy button asks for what the Worker needs, with no value that anybody could leave as it is', () => {
  expect(Object.keys(asked).toSorted()).toEqual([
    'ACCESS_AUD',
    'ACCESS_TEAM_DOMAIN',
    'ANTHROPIC_API_KEY',
    'ENCRYPTION_KEYS',
    'GITHUB_TOKEN',
    'GITHUB_WEBHOOK_SECRET',
  ]);
  expect(Object.values(asked).join('')).toBe('');
});

it('each of them is a variable of the Worker’s, and described', () => {
  const { bindings } = Package.parse(JSON.parse(read('package.json'))).cloudflare;
  const env = read('worker/env.ts');
  for (const name of Object.keys(asked)) {
    expect(env).toMatch(new RegExp(`\\b${name}\\??: string;`));
    expect(Object.keys(bindings)).toContain(name);
  }
});
