import { Match, Show, Switch } from 'solid-js';
import type { HealthReport } from '../../protocol/health.ts';
import { HealthChecks } from './health-checks.tsx';
import { createHealthLook } from './look.ts';
import { Page } from '../ui/page.tsx';
import { Ago } from '../ui/time.tsx';

const BACK = { href: '/settings/connections', label: 'Back to the connections' };

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

/** How everything is that the installation is made of, and what mends what fails. */
export default function Health() {
  const { found, report, isLooking, look } = createHealthLook();
  return (
    <Page title="Health" back={BACK}>
      <div class="mb-4 flex flex-wrap items-center gap-3">
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
            <h2 class="sr-only">Its parts</h2>
            <HealthChecks report={one()} />
            <p class="mt-4 text-sm text-soft [overflow-wrap:anywhere]">
              Mainloop {one().version.product}, protocol {one().version.protocol}, storage{' '}
              {one().version.thread}.{one().version.task}
              <Show when={one().version.deployed}>{(id) => <>, deployed as {id()}</>}</Show>
            </p>
          </>
        )}
      </Show>
    </Page>
  );
}
