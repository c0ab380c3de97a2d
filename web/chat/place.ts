import * as z from 'zod/mini';
import { keptInTab } from '../ui/kept-in-tab.ts';

/** Where one reads: so many pixels below the upper edge of a message; null at the newest. */
const ReadingPlace = z.nullable(z.object({ id: z.string(), offset: z.number() }));
export type ReadingPlace = z.infer<typeof ReadingPlace>;

export const readingPlace = keptInTab('chat:place', ReadingPlace, null);
