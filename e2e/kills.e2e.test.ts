import { expect, it } from 'vitest';
import { killRounds } from './faults/kill-rounds.ts';

const PATIENCE_MS = 400_000;

it(
  'every task that is asked for is there once and ends, though the whole stack is killed right after each',
  async () => {
    // The small cut of `npm run test:kills`.
    const [round] = await killRounds({ rounds: 1, killedAfterMs: [0, 120, 500] });
    expect(round).toMatchObject({ kills: 3, wrong: [] });
  },
  PATIENCE_MS,
);
