import { For, Show, createSignal } from 'solid-js';
import type { TaskDetails } from '../../protocol/pages.ts';
import type { TaskSummary } from '../../protocol/task.ts';
import { useMainloop } from '../state/context.tsx';
import { isPretended } from '../state/selectors.ts';
import { exactText } from '../ui/locale.ts';
import { moneyText } from '../ui/money.ts';
import { Phases } from './timeline.tsx';

const exact = (at: number | null) => (at === null ? null : exactText(at));

/** All that the head has no room for: what was asked, where it is done, when what happened. */
export function TaskFacts(props: {
  task: TaskSummary;
  details: TaskDetails | null;
  ref(dialog: HTMLDialogElement): void;
  onClose(): void;
}) {
  const { state } = useMainloop();
  const [copied, setCopied] = createSignal('');
  const copy = () =>
    navigator.clipboard.writeText(props.task.branch).then(
      () => setCopied('Copied'),
      () => setCopied('This browser does not let it be copied.'),
    );
  const facts = (): [string, string | null][] => {
    const { repository, baseBranch, model, usage, budget, attempt, startedAt, endedAt } =
      props.task;
    return [
      ['Repository', repository],
      ['Base branch', baseBranch],
      ['Model', model],
      ['Cost', usage.cost > 0 ? moneyText(usage.cost, isPretended(state)) : null],
      ['Budget', budget === null ? 'No limit' : moneyText(budget, isPretended(state))],
      ['Stretches of work', String(attempt)],
      ['Work began', exact(startedAt)],
      ['Ended', exact(endedAt)],
    ];
  };
  return (
    <dialog
      ref={(dialog) => props.ref(dialog)}
      aria-label="Details"
      class="m-auto max-h-[85dvh] w-full max-w-xl overflow-y-auto rounded-xl border border-line bg-raised p-5 text-sm text-text backdrop:bg-black/40"
      onClose={() => {
        setCopied('');
        props.onClose();
      }}
    >
      <h2 class="mb-3 text-lg font-semibold">Details</h2>
      <dl class="grid grid-cols-[auto_1fr] items-baseline gap-x-4 gap-y-1.5 [overflow-wrap:anywhere]">
        <dt class="text-soft">Branch</dt>
        <dd class="flex flex-wrap items-center gap-x-2">
          <code>{props.task.branch}</code>
          <button type="button" class="button" onClick={() => void copy()}>
            Copy
          </button>
          <span role="status" class="text-soft">
            {copied()}
          </span>
        </dd>
        <For each={facts()}>
          {([name, value]) => (
            <Show when={value}>
              <dt class="text-soft">{name}</dt>
              <dd>{value}</dd>
            </Show>
          )}
        </For>
      </dl>
      <Show when={props.details}>
        {(details) => (
          <>
            <h3 class="mt-4 mb-1 font-semibold">When</h3>
            <Phases changes={details().changes} />
            <h3 class="mt-4 mb-1 font-semibold">What was asked</h3>
            <p class="whitespace-pre-wrap [overflow-wrap:anywhere]" dir="auto">
              {details().prompt}
            </p>
          </>
        )}
      </Show>
      <form method="dialog" class="mt-4">
        <button type="submit" class="button">
          Close
        </button>
      </form>
    </dialog>
  );
}
