import * as z from 'zod/mini';

const KEY = 'chat:place';

/** Where one reads: so many pixels below the upper edge of a message; null at the newest. */
const ReadingPlace = z.nullable(z.object({ id: z.string(), offset: z.number() }));
export type ReadingPlace = z.infer<typeof ReadingPlace>;

/** The place outlives a reload and a visit to another place, in this tab only. */
export const readingPlace = {
  read(): ReadingPlace {
    try {
      const kept = ReadingPlace.safeParse(JSON.parse(sessionStorage.getItem(KEY) ?? 'null'));
      return kept.success ? kept.data : null;
    } catch {
      return null;
    }
  },
  write(place: ReadingPlace): void {
    try {
      sessionStorage.setItem(KEY, JSON.stringify(place));
    } catch {
      // A private window: the conversation opens at its end.
    }
  },
};
