import { homedir } from 'node:os';
import path from 'node:path';

/** Where programs of the repository's own set-up and of its work are found: first in its home folder. */
export function toolPath(): string {
  const local = path.join(homedir(), '.local/bin');
  return [local, process.env.PATH ?? '/usr/bin:/bin'].join(path.delimiter);
}
