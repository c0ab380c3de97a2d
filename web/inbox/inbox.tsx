import { useSearchParams } from '@solidjs/router';
import { For, Show, createMemo, createSignal } from 'solid-js';
import { InboxCard, SettledItem } from './inbox-item.tsx';
import { useKeys } from '../ui/keys.ts';
import { NotKnownYet } from '../ui/not-known-yet.tsx';
import { Page } from '../ui/page.tsx';
import { useMainloop } from '../state/context.tsx';
import { openItems, settledItems } from '../state/selectors.ts';

/** What needs the person, and below it what was decided lately. */
export default function Inbox() {
  const { state } = useMainloop();
  const open = createMemo(() => openItems(state));
  const settled = createMemo(() => settledItems(state));
  // The most urgent one is open, until the person opens another.
  const [query] = useSearchParams<{ item?: string }>();
  const [chosen, setChosen] = createSignal<string | null>(query.item ?? null);
  const opened = () => {
    const wanted = chosen();
    if (wanted === 'none' || open().some(({ id }) => id === wanted)) return wanted;
    return open()[0]?.id ?? null;
  };
  const step = (by: 1 | -1) => {
    const ids = open().map(({ id }) => id);
    const next = ids[ids.indexOf(opened() ?? '') + by];
    if (next === undefined) return;
    setChosen(next);
    document.getElementById(`item-${next}`)?.focus();
  };
  useKeys({
    j: () => step(1),
    k: () => step(-1),
    a: () => {
      const card = document.getElementById(`item-${opened()}`);
      const first = card?.querySelector('input, .button-main');
      if (first instanceof HTMLElement) first.focus();
    },
  });
  return (
    <Page title="Inbox">
      <div class="flex flex-col gap-2">
        <For
          each={open()}
          fallback={
            <Show when={state.shown !== 'nothing'} fallback={<NotKnownYet />}>
              <p class="card px-4 py-8 text-center text-soft">
                Nothing needs you. Pull requests to review, questions and failures come here.
              </p>
            </Show>
          }
        >
          {(item) => (
            <InboxCard
              item={item}
              isOpen={opened() === item.id}
              onToggle={() => setChosen(opened() === item.id ? 'none' : item.id)}
            />
          )}
        </For>
      </div>
      <Show when={settled().length > 0}>
        <details class="mt-8">
          <summary class="flex min-h-11 flex-wrap items-baseline gap-x-3 text-sm">
            <span class="font-semibold text-soft">Decided lately</span>
            <Show when={settled()[0]}>
              {(last) => (
                <span aria-live="polite" class="min-w-0 text-soft [overflow-wrap:anywhere]">
                  {last().title}: {last().outcome?.text}
                </span>
              )}
            </Show>
          </summary>
          <div class="divide-y divide-line">
            <For each={settled()}>{(item) => <SettledItem item={item} />}</For>
          </div>
        </details>
      </Show>
    </Page>
  );
}
