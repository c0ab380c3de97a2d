import { Match, Show, Switch } from 'solid-js';
import type { HealthReport } from '../../protocol/health.ts';
import { HealthChecks } from '../health/health-checks.tsx';
import { createHealthLook } from '../health/look.ts';
import { useMainloop } from '../state/context.tsx';
import { Ago } from '../ui/time.tsx';

/** All of it in a sentence. */
function summary({ checks }: HealthReport): string {
  const failing = checks.filter(({ state }) => state === 'failing').length;
  const warning = checks.filter(({ state }) => state === 'warning').length;
  if (failing > 0) return failing === 1 ? 'One thing fails.' : `${failing} things fail.`;
  if (warning > 0) {
    return warning === 1 ? 'One thing is worth a look.' : `${warning} things are worth a look.`;
  }
  return checks.some(({ state }) => state === 'unknown')
    ? 'All that was tried lately works.'
    : 'Everything works.';
}

/** What this installation is connected with, how each of its parts is as far as anybody knows, and what mends what fails. */
export function Connections() {
  const { state } = useMainloop();
  const { found, report, isLooking, look } = createHealthLook();
  return (
    <>
      <dl class="mb-4 grid grid-cols-[auto_1fr] gap-x-4 gap-y-1 text-sm [overflow-wrap:anywhere]">
        <dt class="text-soft">This page</dt>
        <dd>{state.connection}</dd>
        <dt class="text-soft">Git host</dt>
        <dd>{state.installation?.gitHost ?? 'Not known yet'}</dd>
        <dt class="text-soft">Models</dt>
        <dd>
          <Show when={state.installation} fallback="Not known yet">
            {(installation) => installation().offlineModel ?? 'Anthropic API'}
          </Show>
        </dd>
      </dl>
      <div class="mb-2 flex flex-wrap items-center gap-3">
        <p role="status" class="min-w-0 flex-1">
          <Switch fallback={isLooking() ? 'Looking …' : ''}>
            <Match when={report()}>
              {(one) => (
                <>
                  {summary(one())}{' '}
                  <span class="text-sm text-soft">
                    As of <Ago at={one().at} />
                  </span>
                </>
              )}
            </Match>
            <Match when={typeof found() === 'string'}>{String(found())}</Match>
          </Switch>
        </p>
        <button type="button" class="button" onClick={() => void look()}>
          Look again
        </button>
      </div>
      <Show when={report()}>
        {(one) => (
          <>
            <HealthChecks report={one()} />
            <p class="mt-4 text-sm text-soft [overflow-wrap:anywhere]">
              Mainloop {one().version.product}, protocol {one().version.protocol}, storage{' '}
              {one().version.thread}.{one().version.task}
              <Show when={one().version.deployed}>{(id) => <>, deployed as {id()}</>}</Show>
            </p>
          </>
        )}
      </Show>
    </>
  );
}
