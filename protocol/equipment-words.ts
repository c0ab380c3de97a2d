import type { Equipment } from './equipment.ts';

const KINDS = [
  ['skills', 'skill', 'skills'],
  ['commands', 'command', 'commands'],
  ['agents', 'agent', 'agents'],
  ['plugins', 'plugin', 'plugins'],
  ['servers', 'MCP server', 'MCP servers'],
] as const;

/** `2 skills, 1 MCP server`; empty where there is nothing. */
function equipmentCounts(equipment: Omit<Equipment, 'commit' | 'isUsed' | 'notes'>): string {
  return KINDS.flatMap(([kind, one, several]) => {
    const { length } = equipment[kind];
    return length === 0 ? [] : [`${length} ${length === 1 ? one : several}`];
  }).join(', ');
}

/**
 * One sentence or several for a page; empty where there is nothing to tell.
 *
 * @param repository its name, where that is not said already.
 */
export function equipmentWords(equipment: Equipment, repository: string | null): string {
  const counts = equipmentCounts(equipment);
  const first =
    counts === ''
      ? ''
      : equipment.isUsed
        ? `Equipped with ${counts} from ${repository ?? 'the repository'}.`
        : `${repository ?? 'The repository'} brings ${counts}. Nothing of it was used.`;
  return [first, ...equipment.notes].filter(Boolean).join(' ');
}
