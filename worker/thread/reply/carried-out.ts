import type {
  MessageParam,
  ToolResultBlockParam,
  ToolUseBlockParam,
} from '@anthropic-ai/sdk/resources/messages';
import type { ToolResult } from '../storage/rows.ts';
import type { KeptCall } from '../storage/tool-calls.ts';
import { TASK_TOOLS } from './task-tools.ts';
import type { OwnCall } from './tools.ts';
import { cutToTokens } from './tokens.ts';

/** Calls that change nothing: they are made again rather than remembered. */
const ONLY_READS = new Set<string>([
  'list_tasks',
  'get_task',
  'list_repositories',
  'search_conversation',
] satisfies OwnCall['name'][]);
/** Most calls that a prompt repeats, and how much of each input and result. */
const SHOWN_MAX = 60;
const SHOWN_TOKENS = 120;

/** JSON in which the order of keys does not matter. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, one: unknown) =>
    typeof one === 'object' && one !== null && !Array.isArray(one)
      ? Object.fromEntries(Object.entries(one).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : one,
  );
}

/** Whether it changed something: calls that failed, or only looked, may be made again. */
function hasChanged({ name, result }: KeptCall): boolean {
  return result !== null && !result.isError && !ONLY_READS.has(name);
}

/**
 * What the reply that is given again has carried out already. A call with the same name and input
 * is such a one come again: it gets the first one's result, once.
 */
export class CarriedOut {
  readonly #left: KeptCall[];

  constructor(calls: readonly KeptCall[]) {
    this.#left = calls.filter(hasChanged);
  }

  /** The result of the first call of this kind that nobody has claimed; null when it is a new one. */
  claim(name: string, input: unknown): ToolResult | null {
    const wanted = canonical(input);
    const place = this.#left.findIndex(
      (call) => call.name === name && canonical(call.input) === wanted,
    );
    const [found] = place === -1 ? [] : this.#left.splice(place, 1);
    return found?.result ?? null;
  }
}

function shown(input: unknown): Record<string, unknown> {
  if (typeof input !== 'object' || input === null) return {};
  return Object.fromEntries(
    Object.entries(input).map(([key, value]) => [
      key,
      typeof value === 'string' ? cutToTokens(value, SHOWN_TOKENS) : value,
    ]),
  );
}

const GO_ON =
  'Your answer was cut off after these calls. They were carried out: do not make them again, and answer from there.';

/** The prompt of a reply that is given again, with what its first life did as the model's own last step. */
export function withCarriedOut(
  messages: readonly MessageParam[],
  calls: readonly KeptCall[],
): MessageParam[] {
  const done = calls.filter(hasChanged).slice(-SHOWN_MAX);
  if (done.length === 0) return [...messages];
  const uses = done.map(({ id, name, input }): ToolUseBlockParam => ({
    type: 'tool_use',
    id,
    name,
    input: shown(input),
  }));
  const results = done.map(({ id, result }): ToolResultBlockParam => ({
    type: 'tool_result',
    tool_use_id: id,
    content: cutToTokens(result?.text ?? '', SHOWN_TOKENS),
  }));
  return [
    ...messages,
    ...(messages.at(-1)?.role === 'assistant'
      ? [{ role: 'user' as const, content: 'Please answer again.' }]
      : []),
    { role: 'assistant', content: uses },
    { role: 'user', content: [...results, { type: 'text', text: GO_ON }] },
  ];
}

const OWN_SAID: Partial<Record<string, (tasks: string) => string>> = {
  start_task: (tasks) => `started ${tasks}`,
  move_task: (tasks) => `moved ${tasks} in the queue`,
  set_limits: () => 'changed the limits',
  remember: () => 'took a note',
  forget: () => 'deleted a note',
} satisfies Partial<Record<OwnCall['name'], (tasks: string) => string>>;

function said(name: string, tasks: string): string[] {
  const taskTool = TASK_TOOLS.find((one) => one.name === name);
  if (taskTool !== undefined) return [`${taskTool.did} ${tasks}`];
  const say = OWN_SAID[name];
  return say === undefined ? [] : [say(tasks)];
}

/** What a reply did before it was cut off, in a sentence; null when it did nothing. */
export function doneSentence(calls: readonly KeptCall[]): string | null {
  const counts = new Map<string, number>();
  for (const { name } of calls.filter(hasChanged)) counts.set(name, (counts.get(name) ?? 0) + 1);
  const parts = [...counts].flatMap(([name, count]) =>
    said(name, count === 1 ? 'a task' : `${count} tasks`),
  );
  return parts.length === 0
    ? null
    : `This was done before the answer was cut off: ${parts.join(', ')}.`;
}
