import * as z from 'zod/mini';
import { BranchName, RepositoryName } from './ids.ts';

/** A repository that the configured token can write to. */
export const Repository = z.object({
  name: RepositoryName,
  defaultBranch: BranchName,
  description: z.nullable(z.string()),
  private: z.boolean(),
});
export type Repository = z.infer<typeof Repository>;
