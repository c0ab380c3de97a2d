import * as z from 'zod/mini';
import { keptInTab } from '../ui/kept-in-tab.ts';

/** Which tasks are listed, and so many pixels below the upper edge of which one; null at the beginning. */
const TasksPlace = z.object({
  repository: z.nullable(z.string()),
  at: z.nullable(z.object({ id: z.string(), offset: z.number() })),
});

export const tasksPlace = keptInTab('tasks:place', TasksPlace, { repository: null, at: null });
