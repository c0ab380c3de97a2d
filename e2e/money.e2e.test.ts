import { expect, it } from 'vitest';
import { moneyRound } from './faults/money-round.ts';

const PATIENCE_MS = 400_000;

it(
  'calls to models are charged as their endpoint counted them, and pass no budget by more than one call',
  async () => {
    // The small cut of `npm run test:money`.
    const round = await moneyRound({ tasks: 4, calls: 60, seed: 1 });
    const { calls, counted, tokens, endpoint, charged, dearest } = round;
    expect(calls.other).toBe(0);
    expect(calls.left).toBeGreaterThan(10);
    expect(calls.refused).toBeGreaterThan(2);
    expect(counted.calls).toBeGreaterThan(60);
    // What is still on its way when a caller leaves is in no count but the endpoint's.
    expect(tokens.input).toBe(counted.inputTokens);
    expect(tokens.output).toBeLessThanOrEqual(counted.outputTokens + calls.left);
    expect(Math.abs(charged / endpoint - 1)).toBeLessThan(0.02);
    for (const by of [round.taskPassedBy, round.dayPassedBy]) {
      expect(by).toBeGreaterThan(0);
      expect(by).toBeLessThan(dearest);
    }
  },
  PATIENCE_MS,
);
