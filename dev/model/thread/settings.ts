import { type Reply, call, say } from '../wire/reply.ts';
import type { Round } from '../wire/request.ts';
import { failureOf } from './after-tools.ts';

/** What the person wants to hold from now on. */
export type Setting =
  | { is: 'parallel'; count: number }
  | { is: 'task_budget'; limit: number }
  | { is: 'day_budget'; limit: number }
  | { is: 'note'; text: string };

const PARALLEL =
  /\b(?:at most|no more than|up to|only|limit of)\s+(\d+|one|two|three|four|five|six)\s+tasks?\b(?:\s+(?:at once|at the same time|in parallel|at a time))?/i;
const BUDGET =
  /\bbudget (?:of|for) (?:(a|each|every|one) task|(?:a|the|each) day|today)\b.*?(?:to |is |be |at |: ?)?\$?(\d+(?:\.\d+)?)/i;
const NOTE =
  /^(?:please )?(?:remember|note|keep in mind|don'?t forget)(?: that|:)?\s+([\s\S]+?)[.!]*$/i;
const NUMBERS = ['zero', 'one', 'two', 'three', 'four', 'five', 'six'];

export function settingIn(words: string): Setting | null {
  const [, count = ''] = PARALLEL.exec(words) ?? [];
  if (count !== '') {
    const place = NUMBERS.indexOf(count.toLowerCase());
    return { is: 'parallel', count: place === -1 ? Number(count) : place };
  }
  const [, task, limit] = BUDGET.exec(words) ?? [];
  if (limit !== undefined) {
    return { is: task === undefined ? 'day_budget' : 'task_budget', limit: Number(limit) };
  }
  const [, text] = NOTE.exec(words) ?? [];
  return text === undefined || /\?\s*$/.test(words) ? null : { is: 'note', text };
}

function wanted(setting: Setting): { name: string; input: Record<string, unknown>; done: string } {
  switch (setting.is) {
    case 'parallel':
      return {
        name: 'set_limits',
        input: { parallel: setting.count },
        done: `At most ${setting.count} tasks work at once from now on.`,
      };
    case 'task_budget':
      return {
        name: 'set_limits',
        input: { task_budget: setting.limit },
        done: `Each new task may cost $${setting.limit}.`,
      };
    case 'day_budget':
      return {
        name: 'set_limits',
        input: { day_budget: setting.limit },
        done: `A day may cost $${setting.limit}.`,
      };
    case 'note':
      return {
        name: 'remember',
        input: { text: setting.text },
        done: `Noted: ${setting.text}. It stands in the settings, and every worker is told.`,
      };
  }
}

/** Sets it, then says so. */
export function settingReply(setting: Setting, rounds: readonly Round[]): Reply {
  const { name, input, done } = wanted(setting);
  const round = rounds.findLast((one) => one.name === name);
  return round === undefined ? call('', name, input) : say(failureOf(round) ?? done);
}
