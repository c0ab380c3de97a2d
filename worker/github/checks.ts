import * as z from 'zod/mini';
import { cutToBytes } from '../../protocol/cut.ts';
import { type Check, stateOfRun, stateOfStatus, tailOf } from '../tasks/delivery/checks.ts';
import { Try, newestTries } from './check-tries.ts';
import { type Ask, allPages } from './pages.ts';
import type { GitHubPort } from './port.ts';

const LOG_MAX_CHARS = 12_000;
/** Failed jobs whose logs are read. */
const LOGS_MAX = 10;
const NAME_MAX_BYTES = 200;

const Runs = z.object({
  check_runs: z.array(
    z.extend(Try, {
      output: z.nullish(
        z.object({
          title: z.nullish(z.string()),
          summary: z.nullish(z.string()),
          text: z.nullish(z.string()),
        }),
      ),
    }),
  ),
});
const Statuses = z.object({
  statuses: z.array(
    z.object({ context: z.string(), state: z.string(), description: z.nullish(z.string()) }),
  ),
});
type Run = z.infer<typeof Runs>['check_runs'][number];

const REPOSITORY = '/repos/{owner}/{repo}';

function words(output: { title?: unknown; summary?: unknown; text?: unknown } | null | undefined) {
  const parts = [output?.title, output?.summary, output?.text];
  return parts.filter((part) => typeof part === 'string' && part !== '').join('\n');
}

const hasLog = ({ status, conclusion, app }: Run) =>
  stateOfRun(status, conclusion ?? null) === 'failed' && app?.slug === 'github-actions';

/** What the checks of a commit say: check runs and commit statuses together. */
export function checkCalls(
  ask: Ask,
  split: (repository: string) => { owner: string; repo: string },
): Pick<GitHubPort, 'checks'> {
  /** The end of a failed run's log. A GitHub Actions job says nothing in its check run: its log stands by itself, under the same id. */
  async function logOf(repository: string, run: Run) {
    const said = words(run.output);
    if (!hasLog(run)) return said;
    const log = await ask(
      `GET ${REPOSITORY}/actions/jobs/{job}/logs`,
      { ...split(repository), job: run.id },
      (data) => z.string().parse(data),
    );
    // It may be gone, or not for this token's eyes: then what the run itself says has to do.
    return log.is === 'ok' ? [said, log.value].filter((part) => part !== '').join('\n') : said;
  }

  return {
    checks: async (repository, commit, withLogs) => {
      const where = { ...split(repository), commit };
      const runs = await allPages(
        ask,
        `GET ${REPOSITORY}/commits/{commit}/check-runs`,
        where,
        (data) => Runs.parse(data).check_runs,
      );
      if (runs.is === 'failed') return runs;
      const statuses = await allPages(
        ask,
        `GET ${REPOSITORY}/commits/{commit}/status`,
        where,
        (data) => Statuses.parse(data).statuses,
      );
      // Not every token may read them, and not every host has them: then the check runs say it all.
      const none = statuses.is === 'failed' && statuses.failure.is === 'not_found';
      if (statuses.is === 'failed' && !none) return statuses;
      const tries = await newestTries(ask, where, runs.value);
      if (tries.is === 'failed') return tries;
      const known = statuses.is === 'ok' ? statuses.value : [];
      const checks: Check[] = known.map(({ context, state, description }) => ({
        name: cutToBytes(context, NAME_MAX_BYTES),
        state: stateOfStatus(state),
        log: tailOf(description ?? '', LOG_MAX_CHARS),
      }));
      let logs = 0;
      for (const run of tries.value) {
        const { status, conclusion } = run;
        const name = cutToBytes(run.name, NAME_MAX_BYTES);
        const isRead = withLogs && (!hasLog(run) || ++logs <= LOGS_MAX);
        const said = isRead ? await logOf(repository, run) : words(run.output);
        const log = tailOf(said, LOG_MAX_CHARS);
        checks.push({ name, state: stateOfRun(status, conclusion ?? null), log });
      }
      return { is: 'ok', value: checks };
    },
  };
}
