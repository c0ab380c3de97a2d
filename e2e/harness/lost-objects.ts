import { readdirSync, rmSync } from 'node:fs';
import path from 'node:path';

/**
 * Deletes what the local stack's objects of these classes hold, as if the platform had lost it. Only
 * while its Worker is stopped. Their alarms stay: what wakes without its storage has to cope.
 */
export function loseObjects(dataDir: string, ...classes: ('MainThread' | 'Task')[]): void {
  for (const name of classes) {
    const folder = path.join(dataDir, 'worker/v3/do', `mainloop-${name}`);
    const files = readdirSync(folder).filter((file) => /^[0-9a-f]{64}\.sqlite/.test(file));
    if (files.length === 0) throw new Error(`No ${name} is kept in ${folder}.`);
    for (const file of files) rmSync(path.join(folder, file));
  }
}
