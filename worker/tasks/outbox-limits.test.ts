import { describe, expect, it } from 'vitest';
import type { OutboxEffect } from './lifecycle/outbox-effect.ts';
import { LIMITS, afterFailure } from './outbox-limits.ts';

const NOW = 1_000_000;
const DAY = 24 * 60 * 60_000;
const to = { id: 'inline:5', kind: 'inline', commentId: 5 } as const;

const EFFECTS: OutboxEffect[] = [
  { do: 'dispatch', attempt: 1 },
  { do: 'stop_sandbox', generation: 1 },
  { do: 'watch' },
  { do: 'delete_checkpoint', key: 'k' },
  { do: 'acknowledge', to },
  { do: 'reply', number: 1, to, text: '' },
  { do: 'close', what: 'pull', number: 1, text: null },
  { do: 'open_issue', body: '' },
  { do: 'edit_issue', body: '' },
  { do: 'comment_issue', key: 'k', text: '' },
];

/** Tries of an effect that always fails, and how long that took. */
function exhaust(effect: OutboxEffect, retryAfterMs: number) {
  let now = NOW;
  for (let tries = 0; ; tries++) {
    const next = afterFailure({ effect, tries, since: NOW }, { why: 'No', retryAfterMs }, now);
    if (next.is === 'end') return { tries: tries + 1, tookMs: now - NOW, text: next.text };
    expect(next.at - now).toBeGreaterThanOrEqual(Math.max(1_000, retryAfterMs));
    now = next.at;
  }
}

it('the limits are tried for every effect', () => {
  expect(EFFECTS.map((effect) => effect.do).toSorted()).toEqual(Object.keys(LIMITS).toSorted());
});

describe.each(EFFECTS)('$do', (effect) => {
  it('ends after a limit of tries and of time, with a sentence that says why', () => {
    const { tries, tookMs, text } = exhaust(effect, 0);
    expect(tries).toBeLessThanOrEqual(effect.do === 'stop_sandbox' ? 50 : 8);
    expect(tookMs).toBeLessThanOrEqual(DAY);
    expect(text).toMatch(/^[A-Z].*: No\.(?: .*\.)?$/);
  });

  it('ends within a day though the host makes every try wait', () => {
    expect(exhaust(effect, 5 * 60 * 60_000).tookMs).toBeLessThanOrEqual(DAY);
  });

  it('ends at once when another try is no use', () => {
    const row = { effect, tries: 0, since: NOW };
    expect(afterFailure(row, { why: 'No.', retryAfterMs: null }, NOW)).toMatchObject({ is: 'end' });
  });
});

it('what the host says is waited for to the second, and never shortens a pause', () => {
  const row = { effect: { do: 'watch' }, tries: 0, since: NOW } as const;
  const at = (retryAfterMs: number) => afterFailure(row, { why: 'No.', retryAfterMs }, NOW);
  expect(at(61_500)).toEqual({ is: 'again', at: NOW + 61_500 });
  expect(at(1)).toEqual({ is: 'again', at: NOW + 1_000 });
});
