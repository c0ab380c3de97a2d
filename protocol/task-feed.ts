import * as z from 'zod/mini';
import { Timestamp } from './ids.ts';
import { TaskEvent } from './task-event.ts';

/** Longest text of a line as the page first gets it, in UTF-16 code units: more is fetched when it is opened. */
export const FEED_TEXT_MAX_CHARS = 2_000;
/** Lines that a page begins with, and most that it asks for at once. */
export const FEED_NEWEST = 200;
export const EVENTS_PAGE_MAX = 1_000;
/** Longest that is looked for in an activity. */
export const FIND_MAX_CHARS = 200;

/** A line of the activity; `isExcerpt` where its text is longer: `GET /api/tasks/:id/events/:number` has all that is kept. */
export const FeedEvent = z.extend(TaskEvent, { isExcerpt: z.boolean() });
export type FeedEvent = z.infer<typeof FeedEvent>;

/**
 * Task to browser, on the task page's own socket: the newest lines or those after the cursor, an empty
 * list where there is none, then each new one, in order.
 */
export const TaskFeed = z.object({ type: z.literal('events'), events: z.array(FeedEvent) });
export type TaskFeed = z.infer<typeof TaskFeed>;

/** `GET /api/tasks/:id/events?before=<number>&limit=<n>`: oldest first; empty where there are none before. */
export const EventsPage = z.object({ events: z.array(FeedEvent) });
export type EventsPage = z.infer<typeof EventsPage>;

/**
 * `GET /api/tasks/:id/find?q=<text>&before=<number>`: lines in which a text stands, the newest first,
 * each with what is around it. `next` is where to look on; null when all was looked at.
 */
export const FoundEvents = z.object({
  hits: z.array(z.object({ number: z.int(), at: Timestamp, text: z.string() })),
  next: z.nullable(z.int()),
});
export type FoundEvents = z.infer<typeof FoundEvents>;
