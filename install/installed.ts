import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import * as z from 'zod/mini';

const Installed = z.object({ packages: z.record(z.string(), z.unknown()) });

/** How many copies of a package are there, as npm wrote down what it installed. */
export function copiesOf(root: string, name: string): number {
  const file = path.join(root, 'node_modules/.package-lock.json');
  if (!existsSync(file)) return 0;
  const { packages } = Installed.parse(JSON.parse(readFileSync(file, 'utf8')));
  return Object.keys(packages).filter((one) => one.endsWith(`node_modules/${name}`)).length;
}
