// `npm run test:fuzz`: inputs that nobody would send, at every door of the Worker, and how much memory that takes.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { tree } from '../harness/processes.ts';

const USAGE = 'npm run test:fuzz -- [--inputs=100000] [--seed=1]';
const LOOK_MS = 1_000;
/** Parts of the time, for each of which the mean is told. */
const PARTS = 5;

function given(): { inputs: number; seed: number } {
  try {
    const { values } = parseArgs({
      options: {
        inputs: { type: 'string', default: '100000' },
        seed: { type: 'string', default: '1' },
      },
    });
    const number = (name: keyof typeof values): number => {
      const value = Number(values[name]);
      if (Number.isInteger(value) && value > 0) return value;
      throw new Error(`--${name} must be a whole number from 1, not "${values[name]}".`);
    };
    return { inputs: number('inputs'), seed: number('seed') };
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n${USAGE}`);
    process.exit(1);
  }
}

/** Megabytes that a process has in memory (Linux). */
function residentMb(pid: number): number {
  try {
    const line = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
    return Number(line?.[1] ?? 0) / 1_000;
  } catch {
    return 0;
  }
}

const { inputs, seed } = given();
const begun = Date.now();
const vitest = path.resolve('node_modules/vitest/vitest.mjs');
const run = spawn(
  process.execPath,
  [vitest, 'run', '--project=workerd', '--silent=true', 'worker/fuzz.worker.test.ts'],
  {
    stdio: 'inherit',
    env: { ...process.env, FUZZ_INPUTS: String(inputs), FUZZ_SEED: String(seed) },
  },
);
const memory: number[] = [];
const looking = setInterval(() => {
  const workerds = tree(run.pid ?? 0).filter(({ command }) => /workerd\S* serve/.test(command));
  if (workerds.length > 0) memory.push(Math.max(...workerds.map(({ pid }) => residentMb(pid))));
}, LOOK_MS);
const code = await new Promise<number>((resolve) => {
  run.on('exit', (status) => resolve(status ?? 1));
});
clearInterval(looking);
const mean = (values: number[]) => values.reduce((sum, one) => sum + one, 0) / (values.length || 1);
const parts = Array.from({ length: PARTS }, (_, at) => {
  const from = (one: number) => Math.floor((memory.length * one) / PARTS);
  return mean(memory.slice(from(at), from(at + 1))).toFixed(0);
});
console.log(
  `seed ${seed}: ${inputs} inputs in ${((Date.now() - begun) / 60_000).toFixed(1)} min; workerd held ${parts.join(', ')} MB in each fifth of the time, ${Math.max(0, ...memory).toFixed(0)} MB at most`,
);
process.exit(code);
