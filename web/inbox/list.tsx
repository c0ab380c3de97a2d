import { A } from '@solidjs/router';
import { For, Show } from 'solid-js';
import type { InboxItem } from '../../protocol/inbox.ts';
import { useMainloop } from '../state/context.tsx';
import { Icon } from '../ui/icons.tsx';
import { NotKnownYet } from '../ui/not-known-yet.tsx';
import { Ago } from '../ui/time.tsx';
import { Row } from './row.tsx';

/** What needs the person, a row each. */
export function OpenItems(props: {
  items: readonly InboxItem[];
  openedId: string | undefined;
  onOpenAgain(): void;
}) {
  const { state } = useMainloop();
  return (
    <Show
      when={props.items.length > 0}
      fallback={
        <Show when={state.shown !== 'nothing'} fallback={<NotKnownYet />}>
          <p class="card px-4 py-8 text-center text-soft">
            Nothing needs you. Pull requests to review, questions and failures come here.
          </p>
        </Show>
      }
    >
      <ul aria-label="Needs you" class="card divide-y divide-line overflow-hidden">
        <For each={props.items}>
          {(item) => (
            <Row item={item} isOpen={props.openedId === item.id} onOpenAgain={props.onOpenAgain} />
          )}
        </For>
      </ul>
    </Show>
  );
}

/** What was decided, and how; folded, with the last of it in its line. */
export function DecidedLately(props: { items: readonly InboxItem[] }) {
  return (
    <Show when={props.items[0]}>
      {(last) => (
        <details class="group mt-4">
          <summary class="flex min-h-11 list-none items-center gap-1.5 px-1 text-sm [&::-webkit-details-marker]:hidden">
            <Icon
              name="right_small"
              class="size-5 shrink-0 text-soft transition-transform group-open:rotate-90"
            />
            <span class="shrink-0 font-semibold text-soft">
              Decided lately <span class="font-normal">{props.items.length}</span>
            </span>
            <span aria-live="polite" class="min-w-0 flex-1 truncate text-soft group-open:invisible">
              {last().title}: {last().outcome?.text}
            </span>
          </summary>
          <ul aria-label="Decided lately" class="divide-y divide-line">
            <For each={props.items}>
              {(item) => (
                <li>
                  <A
                    href={`/inbox/${item.id}`}
                    class="block min-h-11 px-1 py-1.5 text-sm hover:bg-sunken"
                  >
                    <span class="block truncate font-medium" dir="auto">
                      {item.title}
                    </span>
                    <Show when={item.outcome}>
                      {(outcome) => (
                        <span class="block truncate text-[0.8125rem] text-soft">
                          {outcome().text} · <Ago at={outcome().at} />
                        </span>
                      )}
                    </Show>
                  </A>
                </li>
              )}
            </For>
          </ul>
        </details>
      )}
    </Show>
  );
}
