import * as z from 'zod/mini';

const KEY = 'tasks:place';

/** Which tasks are listed, and so many pixels below the upper edge of which one; null at the beginning. */
const TasksPlace = z.object({
  repository: z.nullable(z.string()),
  at: z.nullable(z.object({ id: z.string(), offset: z.number() })),
});
type TasksPlace = z.infer<typeof TasksPlace>;

const BEGINNING: TasksPlace = { repository: null, at: null };

/** The place outlives a reload and a visit to another place, in this tab only. */
export const tasksPlace = {
  read(): TasksPlace {
    try {
      const kept = TasksPlace.safeParse(JSON.parse(sessionStorage.getItem(KEY) ?? 'null'));
      return kept.success ? kept.data : BEGINNING;
    } catch {
      return BEGINNING;
    }
  },
  write(place: TasksPlace): void {
    try {
      sessionStorage.setItem(KEY, JSON.stringify(place));
    } catch {
      // A private window: the list begins at its beginning.
    }
  },
};
