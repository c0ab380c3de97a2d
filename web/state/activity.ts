import type { TaskEvent } from '../../protocol/task-event.ts';

type Body = TaskEvent['body'];
type Call = Extract<Body, { type: 'tool_call' }>;
type Result = Extract<Body, { type: 'tool_result' }>;

/** A line of the activity: a tool's call together with what came of it, or anything else by itself. */
export type ActivityRow =
  | { is: 'tool'; number: number; at: number; call: Call; result: Result | null }
  | { is: 'other'; number: number; at: number; body: Exclude<Body, Call | Result> };

/** Adds events to the rows; a result goes to the row of its call. */
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
      default:
        all.push({ is: 'other', number, at, body });
    }
  }
  return all;
}
