import { impossibleName } from './environment.ts';

/** Why a name cannot be a variable's or a secret's, in a sentence; null when it can. */
export function refusedName(name: string): string | null {
  const impossible = impossibleName(name);
  if (impossible !== null) return impossible;
  // Names become keys of objects, in programs of ours and of others, where these mean something else.
  return name === 'prototype' || name in Object.prototype
    ? `${name} means something else to programs. Take another name.`
    : null;
}
