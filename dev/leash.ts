// Runs a command that ends with whoever started it: `node dev/leash.ts command args...`.
// The starter holds this program's standard input open; when it goes, even by kill -9, so does the
// command with all that it started. wrangler's workerd would otherwise live on and keep its port.
import { spawn } from 'node:child_process';

const [command = '', ...args] = process.argv.slice(2);
const child = spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit'], detached: true });

function endGroup(signal: NodeJS.Signals): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, signal);
  } catch {
    // Gone already.
  }
}

const GRACE_MS = 3_000;
let ending = false;
function end(): void {
  if (ending) return;
  ending = true;
  endGroup('SIGTERM');
  setTimeout(() => endGroup('SIGKILL'), GRACE_MS);
}

process.stdin.resume();
process.stdin.once('end', end);
process.stdin.once('error', end);
process.once('SIGTERM', end);
// Ctrl+C reaches the whole terminal group; the stack decides the order in which parts end.
process.on('SIGINT', () => {});
child.once('error', (error) => {
  console.error(error.message);
  process.exit(127);
});
child.once('exit', (code) => {
  endGroup('SIGKILL');
  process.exit(code ?? 1);
});
