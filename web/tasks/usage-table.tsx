import { For, Show, createEffect, createSignal } from 'solid-js';
import { TaskUsage, type UsageByDay } from '../../protocol/pages.ts';
import type { TaskSummary } from '../../protocol/task.ts';
import { useMainloop } from '../state/context.tsx';
import { isPretended } from '../state/selectors.ts';
import { numberText } from '../ui/locale.ts';
import { dollars } from '../ui/time.tsx';

async function fetchUsage(id: string): Promise<UsageByDay[]> {
  const answer = await fetch(`/api/tasks/${encodeURIComponent(id)}/usage`);
  return answer.ok ? TaskUsage.parse(await answer.json()).rows : [];
}

/** What a task used, by model and day, as the gateway metered it. */
export function UsageTable(props: { task: TaskSummary }) {
  const { state } = useMainloop();
  const [rows, setRows] = createSignal<UsageByDay[]>([]);
  createEffect(() => {
    const { id, usage } = props.task;
    // Asked again whenever the task has cost more.
    if (usage.cost >= 0) void fetchUsage(id).then(setRows, () => {});
  });
  return (
    <>
      <p class="mb-1 text-sm">
        <Show when={props.task.usage.cost > 0} fallback="Nothing has been used yet.">
          {dollars(props.task.usage.cost)}
          <Show when={props.task.budget} fallback=", without a limit">
            {(budget) => <> of {dollars(budget())}</>}
          </Show>
        </Show>
      </p>
      <Show when={isPretended(state)}>
        <p class="mb-3 text-sm text-soft">
          The dollars are pretended: a stand-in answers in place of the models, and costs nothing.
        </p>
      </Show>
      <Show when={rows().some((row) => row.isEstimated)}>
        <p class="mb-3 text-sm text-soft">
          Where it says “about”, an answer was left or broke off before its end: what came of it is
          charged by its length.
        </p>
      </Show>
      <div class="overflow-x-auto" role="region" aria-label="Usage" tabindex="0">
        <table class="w-full text-sm">
          <thead class="text-left text-soft">
            <tr>
              <For
                each={[
                  'Day (UTC)',
                  'Model',
                  'Cost',
                  'Input',
                  'Output',
                  'Cache read',
                  'Cache write',
                ]}
              >
                {(name) => (
                  <th scope="col" class="py-2 pr-4 font-normal whitespace-nowrap">
                    {name}
                  </th>
                )}
              </For>
            </tr>
          </thead>
          <tbody class="divide-y divide-line tabular-nums">
            <For each={rows()}>
              {(row) => (
                <tr>
                  <td class="py-2 pr-4 whitespace-nowrap">{row.day}</td>
                  <td class="py-2 pr-4 whitespace-nowrap">{row.model}</td>
                  <td class="py-2 pr-4 whitespace-nowrap">
                    {row.isEstimated ? 'about ' : ''}${row.cost.toFixed(4)}
                  </td>
                  <td class="py-2 pr-4">{numberText(row.inputTokens)}</td>
                  <td class="py-2 pr-4">{numberText(row.outputTokens)}</td>
                  <td class="py-2 pr-4">{numberText(row.cacheReadTokens)}</td>
                  <td class="py-2">{numberText(row.cacheWriteTokens)}</td>
                </tr>
              )}
            </For>
          </tbody>
        </table>
      </div>
    </>
  );
}
