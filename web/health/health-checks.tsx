import { For, Show } from 'solid-js';
import type { HealthCheck, HealthName, HealthReport } from '../../protocol/health.ts';
import { Icon, type IconName } from '../ui/icons.tsx';

const STATES: Record<HealthCheck['state'], { icon: IconName; colour: string; words: string }> = {
  failing: { icon: 'alert', colour: 'text-bad', words: 'Fails' },
  warning: { icon: 'clock', colour: 'text-warn', words: 'Look at this' },
  unknown: { icon: 'question', colour: 'text-soft', words: 'Not tried lately' },
  ok: { icon: 'check', colour: 'text-good', words: 'Works' },
};
const WORST_FIRST = ['failing', 'warning', 'unknown', 'ok'] as const;

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

function Check(props: { check: HealthCheck }) {
  const state = () => STATES[props.check.state];
  return (
    <li class="flex items-start gap-3 py-3">
      <span class={`mt-0.5 ${state().colour}`}>
        <Icon name={state().icon} />
      </span>
      <div class="min-w-0 flex-1 [overflow-wrap:anywhere]">
        <h3 class="flex flex-wrap items-baseline gap-x-2 font-semibold">
          {NAMES[props.check.name]}
          <span class={`text-sm font-normal ${state().colour}`}>{state().words}</span>
        </h3>
        <p class="text-sm">{props.check.text}</p>
        <Show when={props.check.mend}>
          {(mend) => <p class="mt-1 text-sm text-soft">{mend()}</p>}
        </Show>
      </div>
    </li>
  );
}

/** Each part that was looked at, what fails first. */
export function HealthChecks(props: { report: HealthReport }) {
  const sorted = () =>
    WORST_FIRST.flatMap((state) => props.report.checks.filter((check) => check.state === state));
  return (
    <ul class="card divide-y divide-line px-4">
      <For each={sorted()}>{(check) => <Check check={check} />}</For>
    </ul>
  );
}
