import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** The command line of a process, or null when there is none. */
function commandOf(pid: number): string | null {
  try {
    return execFileSync('ps', ['-o', 'args=', '-p', String(pid)], { encoding: 'utf8' }).trim();
  } catch {
    return null;
  }
}

/**
 * Takes the data folder for this process, so that two stacks never write the same files. A lock
 * whose process is gone is taken over.
 * @throws Error with one plain sentence when another stack runs on it.
 * @returns a function that gives it back.
 */
export function takeDataDir(dataDir: string): () => void {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const file = path.join(dataDir, 'stack.pid');
  try {
    const pid = Number(readFileSync(file, 'utf8'));
    if (pid !== process.pid && /node/.test(commandOf(pid) ?? '')) {
      throw new Error(
        `Another Mainloop (process ${pid}) runs on ${dataDir}. Stop it, or set MAINLOOP_DATA_DIR and PORT for a second one.`,
      );
    }
  } catch (error) {
    if (error instanceof Error && error.message.startsWith('Another')) throw error;
  }
  writeFileSync(file, String(process.pid));
  return () => rmSync(file, { force: true });
}
