import type * as z from 'zod/mini';
import { TaskEvent } from '../../protocol/task-event.ts';
import { EventsPage, type FeedEvent, FoundEvents } from '../../protocol/task-feed.ts';

/** Null where nothing answers, or not as it should. */
async function ask<T extends z.ZodMiniType>(path: string, schema: T): Promise<z.infer<T> | null> {
  try {
    const answer = await fetch(path);
    return answer.ok ? schema.parse(await answer.json()) : null;
  } catch {
    return null;
  }
}

/** Lines before a number, oldest first. */
export async function fetchOlder(
  taskId: string,
  before: number,
  limit: number,
): Promise<FeedEvent[] | null> {
  const path = `/api/tasks/${taskId}/events?before=${before}&limit=${limit}`;
  return (await ask(path, EventsPage))?.events ?? null;
}

/** All that is kept of one line. */
export function fetchEvent(taskId: string, number: number): Promise<TaskEvent | null> {
  return ask(`/api/tasks/${taskId}/events/${number}`, TaskEvent);
}

/** Lines in which the text stands, the newest first; from a line on where that is given. */
export function fetchFound(
  taskId: string,
  text: string,
  before: number | null,
): Promise<FoundEvents | null> {
  const from = before === null ? '' : `&before=${before}`;
  return ask(`/api/tasks/${taskId}/find?q=${encodeURIComponent(text)}${from}`, FoundEvents);
}
