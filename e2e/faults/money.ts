// `npm run test:money`: many tasks that call models at once, many of them leaving in the middle; what is
// charged is held against what the endpoint counted, and what is spent against the budgets.
import { parseArgs } from 'node:util';
import { moneyRound } from './money-round.ts';

const USAGE = 'npm run test:money -- [--tasks=45] [--calls=10000] [--seed=1]';

function given(): { tasks: number; calls: number; seed: number } {
  try {
    const { values } = parseArgs({
      options: {
        tasks: { type: 'string', default: '45' },
        calls: { type: 'string', default: '10000' },
        seed: { type: 'string', default: '1' },
      },
    });
    const number = (name: keyof typeof values): number => {
      const value = Number(values[name]);
      if (Number.isInteger(value) && value > 0) return value;
      throw new Error(`--${name} must be a whole number from 1, not "${values[name]}".`);
    };
    const tasks = number('tasks');
    if (tasks > 45) throw new Error('--tasks may be 45 at most: 50 may be at work at once.');
    return { tasks, calls: number('calls'), seed: number('seed') };
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n${USAGE}`);
    process.exit(1);
  }
}

const options = given();
const begun = Date.now();
const round = await moneyRound(options);
const { calls, counted, tokens, endpoint, charged, taskPassedBy, dayPassedBy, dearest } = round;
const apart = Math.abs(charged / endpoint - 1);
const isRight =
  calls.other === 0 && apart < 0.01 && taskPassedBy < dearest && dayPassedBy < dearest;
console.log(
  [
    `seed ${options.seed}: ${round.tasks} tasks, ${counted.calls} calls that reached the endpoint in ${((Date.now() - begun) / 60_000).toFixed(1)} min`,
    `for those who called: ${calls.whole} whole, ${calls.left} left, ${calls.refused} refused, ${calls.other} other`,
    `tokens charged ${tokens.input} in, ${tokens.output} out; counted ${counted.inputTokens} in, ${counted.outputTokens} out`,
    `charged ${charged.toFixed(4)} $, counted ${endpoint.toFixed(4)} $: ${(apart * 100).toFixed(2)} % apart`,
    `a task's budget was passed by ${taskPassedBy.toFixed(4)} $, the day's by ${dayPassedBy.toFixed(4)} $, where a call costs ${dearest.toFixed(4)} $ at most`,
  ].join('\n'),
);
process.exit(isRight ? 0 : 1);
