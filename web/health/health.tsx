import { A } from '@solidjs/router';
import { For, Match, Show, Switch, createSignal, onMount } from 'solid-js';
import type { HealthCheck, HealthName, HealthReport } from '../../protocol/health.ts';
import { fetchHealth } from '../net/health.ts';
import { Icon, type IconName } from '../ui/icons.tsx';
import { Page } from '../ui/page.tsx';
import { Ago } from '../ui/time.tsx';

const STATES: Record<HealthCheck['state'], { icon: IconName; colour: string; words: string }> = {
  failing: { icon: 'alert', colour: 'text-bad', words: 'Fails' },
  warning: { icon: 'clock', colour: 'text-warn', words: 'Look at this' },
  ok: { icon: 'check', colour: 'text-good', words: 'Works' },
};
const WORST_FIRST = ['failing', 'warning', 'ok'] as const;

const NAMES: Record<HealthName, string> = {
  history: 'Postgres',
  effects: 'Work outside',
  sandboxes: 'Sandboxes',
  model: 'Model',
  webhooks: 'Webhooks',
  pushes: 'Pushes',
  set_aside: 'Stored rows',
  connections: 'Pages',
};

/** All of it in a sentence. */
function summary({ checks }: HealthReport): string {
  const failing = checks.filter(({ state }) => state === 'failing').length;
  const warning = checks.filter(({ state }) => state === 'warning').length;
  if (failing > 0) return failing === 1 ? 'One thing fails.' : `${failing} things fail.`;
  if (warning > 0) {
    return warning === 1 ? 'One thing is worth a look.' : `${warning} things are worth a look.`;
  }
  return 'Everything works.';
}

function Check(props: { check: HealthCheck }) {
  const state = () => STATES[props.check.state];
  return (
    <li class="flex items-start gap-3 py-3">
      <span class={`mt-0.5 ${state().colour}`}>
        <Icon name={state().icon} />
      </span>
      <div class="min-w-0 flex-1 [overflow-wrap:anywhere]">
        <h2 class="flex flex-wrap items-baseline gap-x-2 font-semibold">
          {NAMES[props.check.name]}
          <span class={`text-sm font-normal ${state().colour}`}>{state().words}</span>
        </h2>
        <p class="text-sm">{props.check.text}</p>
        <Show when={props.check.mend}>
          {(mend) => <p class="mt-1 text-sm text-soft">{mend()}</p>}
        </Show>
      </div>
    </li>
  );
}

/** How everything is that the installation is made of, and what mends what fails. */
export default function Health() {
  const [found, setFound] = createSignal<HealthReport | string | null>(null);
  const [looking, setLooking] = createSignal(false);
  const look = async () => {
    if (looking()) return;
    setLooking(true);
    setFound(await fetchHealth());
    setLooking(false);
  };
  onMount(() => void look());
  const report = () => {
    const now = found();
    return now === null || typeof now === 'string' ? null : now;
  };
  const sorted = ({ checks }: HealthReport) =>
    WORST_FIRST.flatMap((state) => checks.filter((check) => check.state === state));
  return (
    <Page title="Health">
      <div class="mb-4 flex flex-wrap items-center gap-3">
        <p role="status" class="min-w-0 flex-1">
          <Switch fallback={looking() ? 'Looking …' : ''}>
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
            <ul class="card divide-y divide-line px-4">
              <For each={sorted(one())}>{(check) => <Check check={check} />}</For>
            </ul>
            <p class="mt-4 text-sm text-soft [overflow-wrap:anywhere]">
              Mainloop {one().version.product}, protocol {one().version.protocol}, storage{' '}
              {one().version.thread}.{one().version.task}
              <Show when={one().version.deployed}>{(id) => <>, deployed as {id()}</>}</Show>
            </p>
          </>
        )}
      </Show>
      <p class="mt-4">
        <A href="/settings" class="text-accent hover:underline">
          Settings
        </A>
      </p>
    </Page>
  );
}
