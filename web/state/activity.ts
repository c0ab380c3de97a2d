import type { TaskEvent } from '../../protocol/task-event.ts';

type Body = TaskEvent['body'];
type Call = Extract<Body, { type: 'tool_call' }>;
type Result = Extract<Body, { type: 'tool_result' }>;
type SetupEnd = Extract<Body, { type: 'setup_ended' }>;
type Setup = SetupEnd | Extract<Body, { type: 'setup_began' | 'setup_output' }>;

/** What of a set-up's output is shown: its newest. */
const OUTPUT_MAX_CHARS = 200_000;

/** What a tool answered, and the line that says so. */
export type ToolResult = { number: number; at: number; body: Result };

/** A line of the activity: a tool's call together with what came of it, or anything else by itself. */
export type ActivityRow =
  | { is: 'tool'; number: number; at: number; call: Call; result: ToolResult | null }
  /** The repository's set-up; `end` is null while it runs. */
  | { is: 'setup'; number: number; at: number; output: string; end: SetupEnd | null }
  | { is: 'other'; number: number; at: number; body: Exclude<Body, Call | Result | Setup> };

/** The set-up that runs: the newest, unless it has ended. */
function runningSetup(rows: readonly ActivityRow[]): number {
  const index = rows.findLastIndex((row) => row.is === 'setup');
  const row = rows[index];
  return row?.is === 'setup' && row.end === null ? index : -1;
}

/** Adds events to the rows; a result goes to the row of its call, and what a set-up says to its own. */
export function addEvents(
  rows: readonly ActivityRow[],
  events: readonly TaskEvent[],
): ActivityRow[] {
  const all = [...rows];
  for (const { number, at, body } of events) {
    switch (body.type) {
      case 'tool_call':
        all.push({ is: 'tool', number, at, call: body, result: null });
        break;
      case 'tool_result': {
        const index = all.findLastIndex(
          (row) => row.is === 'tool' && row.call.toolUseId === body.toolUseId,
        );
        const row = all[index];
        if (row?.is === 'tool') all[index] = { ...row, result: { number, at, body } };
        break;
      }
      case 'setup_began':
        all.push({ is: 'setup', number, at, output: '', end: null });
        break;
      case 'setup_output': {
        const index = runningSetup(all);
        const row = all[index];
        if (row?.is === 'setup') {
          all[index] = { ...row, output: (row.output + body.text).slice(-OUTPUT_MAX_CHARS) };
        }
        break;
      }
      case 'setup_ended': {
        const index = runningSetup(all);
        const row = all[index];
        // What an earlier sandbox's set-up wrote is put back without a beginning.
        if (row?.is === 'setup') all[index] = { ...row, end: body };
        else all.push({ is: 'setup', number, at, output: '', end: body });
        break;
      }
      case 'steered': {
        // What the person said stands above it: only that it has come there is new.
        const isShown = all.some(
          (row) => row.is === 'other' && row.body.type === 'message' && row.body.text === body.text,
        );
        all.push({ is: 'other', number, at, body: isShown ? { ...body, text: '' } : body });
        break;
      }
      default:
        all.push({ is: 'other', number, at, body });
    }
  }
  return all;
}

/** The call whose sub-agent a line is of; null for the session itself. */
function parentOf(row: ActivityRow): string | null {
  if (row.is === 'tool') return row.call.parent;
  return row.is === 'other' && row.body.type === 'text' ? row.body.parent : null;
}

/** How the rows lie in one another: what is shown of them, how deep, and how many are below a call. */
export type Nested = {
  shown: readonly ActivityRow[];
  /** By a row's number; 0 where it is not there. */
  depths: ReadonlyMap<number, number>;
  /** By the id of a call: all below it, at any depth. */
  steps: ReadonlyMap<string, number>;
};

/**
 * Puts what sub-agents did below the call that began them, folded unless that is open. What belongs to
 * a call that is not here yet stands for itself.
 */
export function nested(
  rows: readonly ActivityRow[],
  isOpen: (toolUseId: string) => boolean,
): Nested {
  // Most tasks have no sub-agents, and each new line asks.
  if (rows.every((row) => parentOf(row) === null)) {
    return { shown: rows, depths: new Map(), steps: new Map() };
  }
  const calls = new Set(rows.flatMap((row) => (row.is === 'tool' ? [row.call.toolUseId] : [])));
  const below = new Map<string, ActivityRow[]>();
  const roots: ActivityRow[] = [];
  for (const row of rows) {
    const parent = parentOf(row);
    if (parent === null || !calls.has(parent)) roots.push(row);
    else {
      const inside = below.get(parent);
      if (inside === undefined) below.set(parent, [row]);
      else inside.push(row);
    }
  }
  const shown: ActivityRow[] = [];
  const depths = new Map<number, number>();
  const steps = new Map<string, number>();
  const walk = (row: ActivityRow, depth: number, isShown: boolean): number => {
    if (isShown) {
      shown.push(row);
      if (depth > 0) depths.set(row.number, depth);
    }
    if (row.is !== 'tool') return 1;
    const id = row.call.toolUseId;
    const inside = below.get(id) ?? [];
    // Whatever ids say, nothing lies in itself.
    below.delete(id);
    const opened = isShown && isOpen(id);
    const count = inside.reduce((sum, one) => sum + walk(one, depth + 1, opened), 0);
    if (count > 0) steps.set(id, count);
    return count + 1;
  };
  for (const row of roots) walk(row, 0, true);
  return { shown, depths, steps };
}

/** The calls that a line lies in, the outermost last: all of them are open where it is shown. */
export function callsAround(rows: readonly ActivityRow[], number: number): string[] {
  const ids: string[] = [];
  let row = rowOf(rows, number);
  while (row !== undefined) {
    const parent = parentOf(row);
    if (parent === null || ids.includes(parent)) break;
    ids.push(parent);
    row = rows.find((one) => one.is === 'tool' && one.call.toolUseId === parent);
  }
  return ids;
}

/** The row that a line is shown in: its own, or that of its call or set-up. */
export function rowOf(rows: readonly ActivityRow[], number: number): ActivityRow | undefined {
  return (
    rows.find(
      (row) => row.number === number || (row.is === 'tool' && row.result?.number === number),
    ) ?? rows.findLast((row) => row.number < number && row.is === 'setup')
  );
}

/** What an answer that went wrong comes to: a tool that was not allowed did not fail. */
export function failureOf({ body }: ToolResult): 'failed' | 'refused' | null {
  if (!body.isError) return null;
  return REFUSED.test(body.output) ? 'refused' : 'failed';
}

/** As Claude Code, the product and its gateway begin what they do not allow. */
const REFUSED =
  /^(?:<tool_use_error>)?(?:You are planning|Permission to |Permission denied for tool|The user doesn't want|The person wants)/;

/** The last line of an output in which something stands: what failed is mostly said there. */
export function lastLine(output: string): string {
  return output.trimEnd().split('\n').at(-1)?.trim() ?? '';
}
