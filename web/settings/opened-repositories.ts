import * as z from 'zod/mini';
import { keptInTab } from '../ui/kept-in-tab.ts';

/** Repositories of which what is set for them is open. */
const kept = keptInTab('settings:repositories', z.array(z.string()), []);

export const isOpened = (repository: string) => kept.read().includes(repository);

export function noteOpened(repository: string, isOpen: boolean): void {
  const others = kept.read().filter((one) => one !== repository);
  kept.write(isOpen ? [...others, repository] : others);
}
