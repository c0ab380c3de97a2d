import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { readConfiguration } from './configuration.ts';
import { LOCAL_ONLY } from './doctor/worker.ts';
import { SECRETS } from './installation.ts';
import { OPTIONAL_VARS } from './prepare.ts';
import { ROOT } from './testing/world.ts';

const read = (file: string) => readFileSync(path.join(ROOT, file), 'utf8');
const env = read('worker/env.ts');
const named = (pattern: RegExp) => [...env.matchAll(pattern)].map(([, name = '']) => name);

it('each variable that the Worker may lack is a secret, Access’s, one of --var, or the local stack’s', () => {
  const access = ['ACCESS_TEAM_DOMAIN', 'ACCESS_AUD'];
  const known = [...SECRETS, ...access, ...OPTIONAL_VARS, ...LOCAL_ONLY];
  const optional = named(/^ {2}([A-Z_]+)\?: string;/gm);
  expect(optional.length).toBeGreaterThan(8);
  expect(optional.filter((name) => !known.includes(name))).toEqual([]);
});

it('each variable that the Worker must have has a value in wrangler.toml', () => {
  const { vars } = readConfiguration(read('wrangler.toml'));
  const needed = named(/^ {2}([A-Z_]+): string;/gm);
  expect(needed.length).toBeGreaterThan(8);
  expect(needed.filter((name) => !vars[name])).toEqual([]);
});
