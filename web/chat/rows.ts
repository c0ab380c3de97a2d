import type { Message } from '../../protocol/message.ts';

/** A line of the conversation. `key` names it as long as it stands there. */
export type Row =
  | { is: 'day'; key: string; at: number }
  /** Below it stands what the person has not seen. */
  | { is: 'new'; key: string }
  /**
   * `isFirst` of those that one side said in a row, and `isLast`: a name stands above the first, and
   * when it was said below the last.
   */
  | { is: 'message'; key: string; seq: number; isFirst: boolean; isLast: boolean }
  | { is: 'unsent'; key: string; id: string }
  | { is: 'not_sent'; key: string; id: string };

/** What one side says within this time is one turn. */
const TURN_MS = 5 * 60_000;

type Said = Pick<Message, 'id' | 'from' | 'at' | 'seq'>;

/** When a day begins here; remembers the last one: thousands of messages have few days. */
function createDays(): (at: number) => number {
  let [start, end] = [0, 0];
  return (at) => {
    if (at < start || at >= end) {
      const day = new Date(at);
      const [year, month, date] = [day.getFullYear(), day.getMonth(), day.getDate()];
      start = new Date(year, month, date).getTime();
      end = new Date(year, month, date + 1).getTime();
    }
    return start;
  };
}

function isSame(one: Row, other: Row): boolean {
  if (one.is !== 'message' || other.is !== 'message') return one.is === other.is;
  return one.isFirst === other.isFirst && one.isLast === other.isLast;
}

/** All rows, and whether they grew at their beginning: the eyes then stay where they are. */
export type View = { rows: Row[]; grewBefore: boolean };

/**
 * The rows of a conversation. A row that has not changed stays the same object: what is on the screen
 * is made anew only where something is new.
 */
export function viewOf(
  parts: {
    messages: readonly Said[];
    /** Log number of the first message that is new; null when none is. */
    newFrom: number | null;
    unsent: readonly string[];
    notSent: readonly string[];
  },
  before: View | null,
): View {
  const known = new Map(before?.rows.map((row) => [row.key, row]));
  const rows: Row[] = [];
  const add = (row: Row) => {
    const old = known.get(row.key);
    rows.push(old !== undefined && isSame(old, row) ? old : row);
  };
  const { messages, newFrom } = parts;
  const dayOf = createDays();
  let day: number | null = null;
  let begins = true;
  for (const [at, message] of messages.entries()) {
    const { id, seq } = message;
    if (day !== dayOf(message.at)) {
      day = dayOf(message.at);
      add({ is: 'day', key: `day ${day} ${seq}`, at: message.at });
    }
    if (seq === newFrom) add({ is: 'new', key: 'new' });
    const next = messages[at + 1];
    const isLast =
      next === undefined ||
      next.seq === newFrom ||
      next.from !== message.from ||
      next.at - message.at > TURN_MS ||
      dayOf(next.at) !== day;
    add({ is: 'message', key: id, seq, isFirst: begins, isLast });
    begins = isLast;
  }
  for (const id of parts.unsent) add({ is: 'unsent', key: id, id });
  for (const id of parts.notSent) add({ is: 'not_sent', key: `not sent ${id}`, id });
  return { rows, grewBefore: hasGrownBefore(before?.rows ?? [], rows) };
}

/** True when what was last is still last, and there are others before it. */
function hasGrownBefore(before: readonly Row[], rows: readonly Row[]): boolean {
  const last = before.at(-1);
  return last !== undefined && rows.at(-1)?.key === last.key && rows.length > before.length;
}
