// `npm run test:kills`: the whole stack killed (-9) in the first two seconds after each task that is
// asked for, again and again. `-- --rounds=30` sets how often, `--real` uses Claude Code and the
// offline model in place of the stand-ins.
import { parseArgs } from 'node:util';
import { KILLED_AFTER_MS, killRounds } from './kill-rounds.ts';

const USAGE = 'npm run test:kills -- [--rounds=30] [--real]';

function given(): { rounds: number; real: boolean } {
  try {
    const { values } = parseArgs({
      options: {
        rounds: { type: 'string', default: '30' },
        real: { type: 'boolean', default: false },
      },
    });
    const rounds = Number(values.rounds);
    if (Number.isInteger(rounds) && rounds > 0) return { rounds, real: values.real };
    throw new Error(`--rounds must be a whole number from 1, not "${values.rounds}".`);
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n${USAGE}`);
    process.exit(1);
  }
}

const { rounds, real } = given();
console.log(`Killed ${KILLED_AFTER_MS.join(', ')} ms after each acknowledgement.`);
const begun = Date.now();
const results = await killRounds({
  rounds,
  real,
  onRound: ({ round, kills, endedAfterMs, wrong }) =>
    console.log(
      [
        `round ${round}: ${kills} kills, right after ${(endedAfterMs / 1_000).toFixed(1)} s`,
        ...wrong,
      ].join('\n  '),
    ),
});
const failed = results.filter(({ wrong }) => wrong.length > 0).length;
const kills = results.reduce((sum, one) => sum + one.kills, 0);
const longest = Math.max(...results.map(({ endedAfterMs }) => endedAfterMs));
console.log(
  `${results.length} rounds, ${kills} kills and tasks, ${failed} rounds in which something did not hold; ` +
    `longest until all was right ${(longest / 1_000).toFixed(1)} s; ${((Date.now() - begun) / 60_000).toFixed(1)} min in all.`,
);
process.exit(failed === 0 ? 0 : 1);
