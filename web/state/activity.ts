import type { TaskEvent } from '../../protocol/task-event.ts';

type Body = TaskEvent['body'];
type Call = Extract<Body, { type: 'tool_call' }>;
type Result = Extract<Body, { type: 'tool_result' }>;
type SetupEnd = Extract<Body, { type: 'setup_ended' }>;
type Setup = SetupEnd | Extract<Body, { type: 'setup_began' | 'setup_output' }>;

/** What of a set-up's output is shown: its newest. */
const OUTPUT_MAX_CHARS = 200_000;

/** A line of the activity: a tool's call together with what came of it, or anything else by itself. */
export type ActivityRow =
  | { is: 'tool'; number: number; at: number; call: Call; result: Result | null }
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
export function addEvents(rows: ActivityRow[], events: readonly TaskEvent[]): ActivityRow[] {
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
        if (row?.is === 'tool') all[index] = { ...row, result: body };
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
      default:
        all.push({ is: 'other', number, at, body });
    }
  }
  return all;
}
