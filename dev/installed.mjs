import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

/**
 * Whether node_modules holds what package-lock.json says, whoever installed it. npm writes down what
 * it installed when it is done: an installation that was cut short has no such file, or an older one.
 * What the lock file calls optional may be for another platform, and missing.
 */
export function isInstalled(root) {
  const written = path.join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(written)) return false;
  const packagesIn = (file) => JSON.parse(readFileSync(file, 'utf8')).packages;
  const wanted = packagesIn(path.join(root, 'package-lock.json'));
  const there = packagesIn(written);
  const isSame = ([place, { version, integrity }]) =>
    wanted[place]?.version === version && wanted[place]?.integrity === integrity;
  const isThere = ([place, { optional }]) => place === '' || optional === true || place in there;
  return Object.entries(there).every(isSame) && Object.entries(wanted).every(isThere);
}
