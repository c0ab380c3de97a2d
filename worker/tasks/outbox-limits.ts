import type { OutboxEffect } from './lifecycle/outbox-effect.ts';
import type { OutboxRow } from './storage/outbox-rows.ts';

/** How long an effect is tried, and what is said when it ends without having been done. */
export type Limit = {
  /** The pause after each failed try; the try after the last pause is the last one. */
  pausesMs: readonly number[];
  /** It ends at this age, whatever tries are left: a host may make each of them wait. */
  withinMs: number;
  /** `conversation`: what the person asked for, or what costs money; all stands in the activity. */
  told: 'activity' | 'conversation';
  /** One plain sentence or two, with what the person can do; `why` is a sentence. */
  sentence: (why: string) => string;
};

const S = 1_000;
const MINUTE = 60 * S;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Five tries over some two hours: a host's limits end within one. */
const HOST = { pausesMs: [10 * S, 2 * MINUTE, 20 * MINUTE, 2 * HOUR], withinMs: DAY } as const;
/** Five tries within minutes, for what is soon of no use. */
const BRIEF = { pausesMs: [10 * S, MINUTE, 5 * MINUTE, 20 * MINUTE], withinMs: 2 * HOUR } as const;
/** Almost a day, since a sandbox that runs on costs money. */
const STOP = {
  pausesMs: [S, 5 * S, 15 * S, MINUTE, 5 * MINUTE, ...Array.from({ length: 44 }, () => HOUR / 2)],
  withinMs: DAY,
};
const OWN = {
  pausesMs: [S, 2 * S, 5 * S, 15 * S, 30 * S, MINUTE, 5 * MINUTE],
  withinMs: HOUR,
} as const;

/** Every effect has an end. A new effect without one does not compile. */
export const LIMITS: Record<OutboxEffect['do'], Limit> = {
  dispatch: {
    ...OWN,
    told: 'activity',
    sentence: (why) => `Its Workflow could not be started: ${why} It goes on by its own clock.`,
  },
  watch: {
    ...OWN,
    told: 'activity',
    sentence: (why) =>
      `GitHub’s webhooks do not reach this task: ${why} It looks at GitHub by itself from time to time.`,
  },
  stop_sandbox: {
    ...STOP,
    told: 'conversation',
    sentence: (why) =>
      `Its sandbox could not be stopped: ${why} It may still run and cost money: end it in the Cloudflare dashboard.`,
  },
  delete_checkpoint: {
    ...OWN,
    told: 'activity',
    sentence: (why) => `An old checkpoint could not be deleted: ${why} It stays in R2.`,
  },
  acknowledge: {
    ...BRIEF,
    told: 'activity',
    sentence: (why) => `A comment could not be marked as seen on GitHub: ${why}`,
  },
  reply: {
    ...HOST,
    told: 'activity',
    sentence: (why) => `A comment on GitHub could not be answered: ${why}`,
  },
  close: {
    ...HOST,
    told: 'conversation',
    sentence: (why) => `It could not be closed on GitHub: ${why} Close it there.`,
  },
  open_issue: {
    ...HOST,
    told: 'conversation',
    sentence: (why) => `The issue could not be opened: ${why} Questions are shown here only.`,
  },
  edit_issue: {
    ...HOST,
    told: 'activity',
    sentence: (why) => `The approved plan could not be put into the issue: ${why}`,
  },
  comment_issue: {
    ...HOST,
    told: 'activity',
    sentence: (why) => `The issue could not be commented on: ${why} It is shown here only.`,
  },
};

/** A try that failed; `retryAfterMs` is null when another is no use, and else the least to wait. */
export type Failure = { why: string; retryAfterMs: number | null };

/** What becomes of a row whose try failed. */
export function afterFailure(
  row: Pick<OutboxRow, 'effect' | 'tries' | 'since'>,
  { why, retryAfterMs }: Failure,
  now: number,
): { is: 'again'; at: number } | { is: 'end'; text: string } {
  const limit = LIMITS[row.effect.do];
  const pause = limit.pausesMs[row.tries];
  const at = now + Math.max(retryAfterMs ?? 0, pause ?? 0);
  if (retryAfterMs === null || pause === undefined || at > row.since + limit.withinMs) {
    return { is: 'end', text: limit.sentence(sentenceFrom(why)) };
  }
  return { is: 'again', at };
}

function sentenceFrom(why: string): string {
  return /[.!?]$/.test(why.trim()) ? why.trim() : `${why.trim()}.`;
}
