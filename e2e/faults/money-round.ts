import { setTimeout as pause } from 'node:timers/promises';
import { SpentAnswer, TaskUsage } from '../../protocol/pages.ts';
import { DEFAULT_SETTINGS, type Limits } from '../../protocol/settings.ts';
import { type Client, connect } from '../harness/client.ts';
import { type Counted, type Wish, startCountingModel } from '../harness/counting-model.ts';
import { type HeldSandbox, startHeldSandboxes } from '../harness/held-sandboxes.ts';
import { startTestStack } from '../harness/stack.ts';
import { tasksOf } from '../harness/task-watch.ts';

const MODEL = 'claude-opus-5-5';
/** US dollars a token, as the product has them for that model. */
const INPUT = 4e-6;
const OUTPUT = 20e-6;
/** Calls of a task at once. */
const PARALLEL = 4;
const PIECES = { least: 5, most: 20 };
/** So slow that what is on its way when one leaves is little. */
const EVERY_MS = 100;
const PROMPT_CHARS = 40_000;
const ALIVE_EVERY_MS = 15_000;
const STARTED_MS = 120_000;
/** Until all is settled, a call whose Worker has gone included. */
const SETTLED_MS = 150_000;

export type MoneyRound = {
  tasks: number;
  /** How the calls ended for those who made them. */
  calls: { whole: number; left: number; refused: number; other: number };
  counted: Counted;
  /** Tokens that were charged. */
  tokens: { input: number; output: number };
  /** US dollars: what the endpoint counted, and what was charged. */
  endpoint: number;
  charged: number;
  /** US dollars by which a task's budget, and the day's, was passed; and what a call costs at most. */
  taskPassedBy: number;
  dayPassedBy: number;
  dearest: number;
};

/**
 * Many tasks that call models at once, many of them leaving in the middle: first without an end of their
 * money, then tasks with small budgets until those are spent, at last all of them until the day's is.
 */
export async function moneyRound(options: {
  tasks: number;
  calls: number;
  seed: number;
}): Promise<MoneyRound> {
  const { tasks, calls, seed } = options;
  const chance = random(seed);
  const model = await startCountingModel();
  const sandboxes = await startHeldSandboxes();
  const stack = await startTestStack({
    settings: {
      ANTHROPIC_BASE_URL: model.url,
      ANTHROPIC_API_KEY: 'the-key-of-a-counting-model',
      ...sandboxes.settings,
    },
  });
  const client = await connect(stack.url);
  /** Says from time to time that the runners live. */
  const alive = setInterval(() => {
    for (const { gateway, token } of sandboxes.all()) {
      void fetch(`${gateway}/events`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify({ events: [], acknowledged: [] }),
      }).then(
        (answer) => answer.arrayBuffer(),
        () => {},
      );
    }
  }, ALIVE_EVERY_MS);
  const ended = { whole: 0, left: 0, refused: 0, other: 0 };

  const set = async (limits: Partial<Limits>) => {
    const wanted = { ...DEFAULT_SETTINGS.limits, parallel: 50, ...limits };
    const id = client.send({
      type: 'change_settings',
      change: { is: 'limits', limits: wanted },
    });
    await client.until((frame) => frame.type === 'ack' && frame.id === id);
  };
  const start = async (count: number): Promise<HeldSandbox[]> => {
    const before = sandboxes.all().length;
    client.send({ type: 'send', text: `Start ${count} tasks` });
    await until(() => sandboxes.all().length >= before + count, STARTED_MS);
    return sandboxes.all().slice(before);
  };

  /** One call. @returns false once there is no money for it. */
  const call = async ({ gateway, token }: HeldSandbox): Promise<boolean> => {
    const wish: Wish = {
      pieces: PIECES.least + Math.floor(chance() * (PIECES.most - PIECES.least)),
      everyMs: EVERY_MS,
    };
    const leaves = chance() < 0.4;
    const left = new AbortController();
    const late = chance() * wish.pieces * wish.everyMs * 1.2;
    const timer = leaves ? setTimeout(() => left.abort(), late) : undefined;
    try {
      const answer = await fetch(`${gateway}/model/v1/messages`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify({
          model: MODEL,
          max_tokens: PIECES.most * 10,
          stream: true,
          messages: [
            { role: 'user', content: `${JSON.stringify(wish)}\n${'x'.repeat(PROMPT_CHARS)}` },
          ],
        }),
        signal: left.signal,
      });
      if (answer.status === 402) {
        ended.refused += 1;
        await answer.arrayBuffer();
        return false;
      }
      await answer.arrayBuffer();
      ended[answer.ok ? 'whole' : 'other'] += 1;
    } catch {
      ended[left.signal.aborted ? 'left' : 'other'] += 1;
    } finally {
      clearTimeout(timer);
    }
    return true;
  };
  /** As many calls of each, several at once, or until the money is spent. */
  const work = (some: readonly HeldSandbox[], each: number) =>
    Promise.all(
      some.flatMap((sandbox) => {
        let begun = 0;
        return Array.from({ length: PARALLEL }, async () => {
          while (begun++ < each && (await call(sandbox)));
        });
      }),
    );
  const settled = () => until(() => model.underWay() === 0, SETTLED_MS);

  try {
    await client.snapshot();
    await set({ taskBudget: null, dayBudget: null });
    const many = await start(tasks);
    await work(many, Math.ceil(calls / tasks));
    await settled();

    const budget = 0.5;
    await set({ taskBudget: budget, dayBudget: null });
    const few = Math.max(2, Math.ceil(tasks / 10));
    await work(await start(few), 1_000);
    await settled();
    const before = await steady(() => charges(stack.url, client, tasks + few));
    const limit = costOf(before) + (await ownCost(stack.url)) + tasks * 0.1;

    await set({ taskBudget: null, dayBudget: limit });
    await work(many, 1_000);
    await settled();
    const counted = model.counted();
    const endpoint = counted.inputTokens * INPUT + counted.outputTokens * OUTPUT;
    const last = await steady(() => charges(stack.url, client, tasks + few));
    const dearest = (PROMPT_CHARS / 4 + 200) * INPUT + PIECES.most * 10 * OUTPUT;
    return {
      tasks: tasks + few,
      calls: ended,
      counted,
      endpoint,
      tokens: {
        input: sum(last.map((one) => one.input)),
        output: sum(last.map((one) => one.output)),
      },
      charged: costOf(last),
      taskPassedBy: Math.max(...last.slice(tasks).map(({ cost }) => cost)) - budget,
      dayPassedBy: costOf(last) + (await ownCost(stack.url)) - limit,
      dearest,
    };
  } finally {
    clearInterval(alive);
    client.close();
    await stack.stop();
    await Promise.all([model.stop(), sandboxes.stop()]);
  }
}

/** The same numbers from 0 to 1 for the same seed (mulberry32). */
function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const costOf = (all: readonly Charged[]) => sum(all.map(({ cost }) => cost));
const sum = (numbers: readonly number[]) => numbers.reduce((all, one) => all + one, 0);

async function until(holds: () => boolean, withinMs: number): Promise<void> {
  const end = Date.now() + withinMs;
  while (!holds()) {
    if (Date.now() > end) throw new Error('It did not come to that in time.');
    await pause(50);
  }
}

/** The numbers once they stay the same: what ends last is written down after its caller has left. */
async function steady(read: () => Promise<Charged[]>): Promise<Charged[]> {
  let before = await read();
  for (;;) {
    await pause(1_000);
    const now = await read();
    if (costOf(now) === costOf(before)) return now;
    before = now;
  }
}

type Charged = { cost: number; input: number; output: number };

/** What each task was charged, in the order of their start. */
async function charges(url: string, client: Client, count: number): Promise<Charged[]> {
  const tasks = tasksOf(client);
  if (tasks.length !== count) throw new Error(`${tasks.length} tasks instead of ${count}.`);
  return Promise.all(
    tasks.map(async ({ id }) => {
      const answer = await fetch(`${url}/api/tasks/${id}/usage`);
      const { rows } = TaskUsage.parse(await answer.json());
      return {
        cost: sum(rows.map(({ cost }) => cost)),
        input: sum(rows.map(({ inputTokens }) => inputTokens)),
        output: sum(rows.map(({ outputTokens }) => outputTokens)),
      };
    }),
  );
}

/** What the conversation itself cost today. */
async function ownCost(url: string): Promise<number> {
  const answer = await fetch(`${url}/api/usage?days=1`);
  const { rows } = SpentAnswer.parse(await answer.json());
  return sum(rows.filter(({ by }) => by === 'conversation').map(({ cost }) => cost));
}
