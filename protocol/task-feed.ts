import * as z from 'zod/mini';
import { TaskEvent } from './task-event.ts';

/** Task to browser, on the task page's own socket: events after the cursor, then each new one, in order. */
export const TaskFeed = z.object({ type: z.literal('events'), events: z.array(TaskEvent) });
export type TaskFeed = z.infer<typeof TaskFeed>;
