import { createMemo, createSignal, onCleanup, onMount } from 'solid-js';
import type { TaskEvent } from '../../protocol/task-event.ts';
import { EVENTS_PAGE_MAX, FEED_NEWEST, type FeedEvent } from '../../protocol/task-feed.ts';
import { fetchEvent, fetchOlder } from '../net/activity.ts';
import { openFeed } from '../net/feed.ts';
import { type ActivityRow, addEvents } from '../state/activity.ts';

/** What is held of a task's activity: its newest lines, live, and as many older ones as were asked for. */
export function createActivityLog(taskId: string) {
  let events: FeedEvent[] = [];
  const excerpts = new Set<number>();
  const wholes = new Map<number, Promise<TaskEvent | null>>();
  const [rows, setRows] = createSignal<readonly ActivityRow[]>([]);
  const [hasOlder, setHasOlder] = createSignal(false);
  const [isThere, setThere] = createSignal(false);
  const byNumber = createMemo(() => new Map(rows().map((row) => [row.number, row])));
  let loading: Promise<boolean> | null = null;

  const note = (lines: readonly FeedEvent[]) => {
    for (const { number, isExcerpt } of lines) if (isExcerpt) excerpts.add(number);
  };
  onMount(() =>
    onCleanup(
      openFeed(taskId, (fresh) => {
        note(fresh);
        if (fresh.length > 0 && events.length === 0) setHasOlder((fresh[0]?.number ?? 1) > 1);
        events.push(...fresh);
        setRows((before) => addEvents(before, fresh));
        setThere(true);
      }),
    ),
  );

  /** Fetches older lines down to this one, at least a page of them. @returns whether any came. */
  const load = async (to: number, limit: number): Promise<boolean> => {
    let first = events[0]?.number;
    if (first === undefined || !hasOlder()) return false;
    const pages: FeedEvent[][] = [];
    do {
      const page: FeedEvent[] | null = await fetchOlder(taskId, first, limit);
      if (page === null) break;
      pages.unshift(page);
      first = page[0]?.number ?? 1;
    } while (first > to);
    if (pages.length === 0) return false;
    const older = pages.flat();
    note(older);
    events = [...older, ...events];
    // A result of which only the call is older finds it now. Once for all pages: there may be fifty.
    setRows(addEvents([], events));
    setHasOlder(first > 1);
    return older.length > 0;
  };
  const loadDown = (to: number, limit: number): Promise<boolean> => {
    loading ??= load(to, limit).finally(() => {
      loading = null;
    });
    return loading;
  };

  return {
    rows,
    row: (number: number) => byNumber().get(number),
    hasOlder,
    /** False until the server has told what there is: before that, 'nothing' would be a guess. */
    isThere,
    loadOlder: () => loadDown(Number.POSITIVE_INFINITY, FEED_NEWEST),
    /** Loads all down to a line. @returns false where that cannot be had now. */
    loadTo: async (number: number): Promise<boolean> => {
      while ((events[0]?.number ?? 0) > number) {
        if (!(await loadDown(number, EVENTS_PAGE_MAX))) return !hasOlder();
      }
      return true;
    },
    isExcerpt: (number: number) => excerpts.has(number),
    /** All that is kept of a line; fetched once, again only where that failed. */
    whole: (number: number): Promise<TaskEvent | null> => {
      const known = wholes.get(number);
      if (known !== undefined) return known;
      const asked = fetchEvent(taskId, number).then((event) => {
        if (event === null) wholes.delete(number);
        return event;
      });
      wholes.set(number, asked);
      return asked;
    },
  };
}

export type ActivityLog = ReturnType<typeof createActivityLog>;
