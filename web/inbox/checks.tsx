import { For, Show } from 'solid-js';
import type { ReviewChecks } from '../../protocol/inbox.ts';
import { Icon, type IconName } from '../ui/icons.tsx';

const LOOKS: Record<ReviewChecks['is'], { icon: IconName; colour: string; result: string }> = {
  none: { icon: 'question', colour: 'text-soft', result: '' },
  passed: { icon: 'check', colour: 'text-good', result: 'passes' },
  failed: { icon: 'cross', colour: 'text-bad', result: 'fails' },
  unfinished: { icon: 'clock', colour: 'text-warn', result: '' },
};

function words(checks: ReviewChecks): string {
  switch (checks.is) {
    case 'none':
      return 'The git host runs no checks on it';
    case 'passed':
      if (checks.count === 1) return 'Its check passes';
      return checks.count === 2 ? 'Both checks pass' : `All ${checks.count} checks pass`;
    case 'failed':
      return checks.names.length === 1
        ? 'A check still fails, after the worker’s own tries'
        : `${checks.names.length} checks still fail, after the worker’s own tries`;
    case 'unfinished':
      return 'Its checks did not end in time';
  }
}

/** What the git host's checks say, together and by name. */
export function Checks(props: { checks: ReviewChecks }) {
  const look = () => LOOKS[props.checks.is];
  const names = () => ('names' in props.checks ? props.checks.names : []);
  return (
    <div class={`flex items-start gap-2 text-sm ${look().colour}`}>
      <Icon name={look().icon} class="mt-0.5 size-4 shrink-0" />
      <div class="min-w-0">
        <p>{words(props.checks)}</p>
        <Show when={names().length > 0}>
          <ul aria-label="Checks" class="flex flex-wrap gap-x-3 text-[0.8125rem]">
            <For each={names()}>
              {(name) => (
                <li class="[overflow-wrap:anywhere]">
                  {name} <span class="sr-only">{look().result}</span>
                </li>
              )}
            </For>
          </ul>
        </Show>
      </div>
    </div>
  );
}
