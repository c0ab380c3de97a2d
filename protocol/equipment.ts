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
