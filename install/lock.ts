import { readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Stop } from './stop.ts';

/** Holds secrets while wrangler reads it. */
export const DEPLOYING = 'deploying.json';

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Somebody else's process runs, too.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/** @returns false where somebody has it already. */
function claim(file: string): boolean {
  try {
    writeFileSync(file, String(process.pid), { flag: 'wx', mode: 0o600 });
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}

/**
 * Has the folder for one command: two at once would each make keys, and the later would put aside those
 * with which something was encrypted meanwhile. Sweeps what a command that was killed left of its secrets.
 * @returns what gives it back.
 */
export function lockFolder(folder: string): () => void {
  const file = path.join(folder, 'lock');
  if (!claim(file)) {
    const pid = Number(readFileSync(file, 'utf8'));
    if (pid > 0 && isRunning(pid)) {
      throw new Stop(
        `Another command is at work on this installation (process ${pid}). Wait until it has ended; if that is none of Mainloop's, remove ${file}.`,
      );
    }
    rmSync(file, { force: true });
    if (!claim(file)) throw new Stop('Another command has just begun on this installation.');
  }
  for (const name of readdirSync(folder)) {
    if (name === DEPLOYING || name.endsWith('.new')) rmSync(path.join(folder, name));
  }
  return () => rmSync(file, { force: true });
}
