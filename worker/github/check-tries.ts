import * as z from 'zod/mini';
import { stateOfRun } from '../tasks/delivery/checks.ts';
import { type Ask, allPages } from './pages.ts';
import type { GitHubResult } from './port.ts';

/** What of a check run tells which check it is a try of. */
export const Try = z.object({
  id: z.int(),
  name: z.string(),
  status: z.string(),
  conclusion: z.nullish(z.string()),
  app: z.nullish(z.object({ slug: z.nullish(z.string()) })),
  check_suite: z.nullish(z.object({ id: z.int() })),
});
type Try = z.infer<typeof Try>;

const WorkflowRuns = z.object({
  workflow_runs: z.array(
    z.object({
      check_suite_id: z.nullish(z.int()),
      workflow_id: z.int(),
      event: z.string(),
    }),
  ),
});

const isOfActions = ({ app }: Try) => app?.slug === 'github-actions';
const suiteOf = ({ check_suite: suite }: Try) => suite?.id ?? null;

/** The newest of each key; a later run has the higher id. */
function newest<T extends Try>(runs: readonly T[], keyOf: (run: T) => string): T[] {
  const byAge = runs.toSorted((one, other) => one.id - other.id);
  return [...new Map(byAge.map((one) => [keyOf(one), one])).values()];
}

/** True when a red run of GitHub Actions has a namesake in another suite: either may stand for the other. */
function areInDoubt(runs: readonly Try[]): boolean {
  return runs.some(
    (red) =>
      isOfActions(red) &&
      stateOfRun(red.status, red.conclusion ?? null) === 'failed' &&
      runs.some(
        (other) => isOfActions(other) && other.name === red.name && suiteOf(other) !== suiteOf(red),
      ),
  );
}

/**
 * Of each check its newest try. A name alone is no check: two workflows may both have a job `test`.
 * Within a suite the newest run of a name counts, for that is how GitHub runs a check again. A second
 * suite on the same commit replaces the first only where both are known to be the same workflow on the
 * same kind of event (marking ready starts it anew, and may cancel the first); check runs do not say
 * that, so the workflow runs are asked for, and only where it decides. Where they cannot be read, and
 * for other apps, each suite stands for itself: a red one stays red until it is run again, or until the
 * next commit.
 */
export async function newestTries<T extends Try>(
  ask: Ask,
  where: { owner: string; repo: string; commit: string },
  all: readonly T[],
): Promise<GitHubResult<T[]>> {
  const runs = newest(all, (run) => `${suiteOf(run)} ${run.name}`);
  if (!areInDoubt(runs)) return { is: 'ok', value: runs };
  const { commit, ...repository } = where;
  const known = await allPages(
    ask,
    'GET /repos/{owner}/{repo}/actions/runs',
    { ...repository, head_sha: commit },
    (data) => WorkflowRuns.parse(data).workflow_runs,
  );
  if (known.is === 'failed') {
    const { is } = known.failure;
    return is === 'not_found' || is === 'refused' ? { is: 'ok', value: runs } : known;
  }
  const workflows = new Map(
    known.value.map((one) => [one.check_suite_id ?? null, `${one.workflow_id} ${one.event}`]),
  );
  const value = newest(runs, (run) => {
    const suite = suiteOf(run);
    const workflow = suite === null || !isOfActions(run) ? undefined : workflows.get(suite);
    const of = workflow === undefined ? `suite ${suite}` : `workflow ${workflow}`;
    return `${of} ${run.name}`;
  });
  return { is: 'ok', value };
}
