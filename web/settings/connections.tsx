import { A } from '@solidjs/router';
import { Match, Show, Switch } from 'solid-js';
import { HealthChecks } from '../health/health-checks.tsx';
import { createHealthLook } from '../health/look.ts';
import { useMainloop } from '../state/context.tsx';
import { Ago } from '../ui/time.tsx';

/** What this installation is connected with, and how each of it is as far as anybody knows. */
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
        <p role="status" class="min-w-0 flex-1 text-sm text-soft">
          <Switch fallback={isLooking() ? 'Looking …' : ''}>
            <Match when={report()}>
              {(one) => (
                <>
                  As of <Ago at={one().at} />
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
      <Show when={report()}>{(one) => <HealthChecks report={one()} />}</Show>
      <A class="button mt-4" href="/health">
        Health of this installation
      </A>
    </>
  );
}
