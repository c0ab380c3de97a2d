import * as z from 'zod/mini';
import { CommitId } from './ids.ts';

/** Names of one kind that are told of, and sentences. */
export const EQUIPMENT_NAMES_MAX = 50;

const Names = z.array(z.string());

/** What a repository brings for its workers, as its base branch had it when the task began. */
export const Equipment = z.object({
  commit: CommitId,
  /** False where the repository is not trusted: then nothing of it was used. */
  isUsed: z.boolean(),
  skills: Names,
  commands: Names,
  agents: Names,
  plugins: Names,
  /** MCP servers. */
  servers: Names,
  /** What was left out, and why: a sentence each. */
  notes: Names,
});
export type Equipment = z.infer<typeof Equipment>;

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
