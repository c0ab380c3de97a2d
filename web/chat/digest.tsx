import { A } from '@solidjs/router';
import { For, Show, createMemo } from 'solid-js';
import { useMainloop } from '../state/context.tsx';
import { digest } from '../state/digest.ts';
import { spanText } from '../ui/time.tsx';

/** What happened while nobody looked, in a few lines; each leads to where it can be seen. */
export function Digest() {
  const { state, seen } = useMainloop();
  const lines = createMemo(() => (state.away === null ? [] : digest(state, state.away.since)));
  return (
    <Show when={lines().length > 0 && state.away}>
      {(away) => (
        <section aria-label="While you were away" class="card mx-4 my-2 px-4 py-3 text-sm">
          <div class="flex items-baseline gap-3">
            <h2 class="flex-1 font-semibold">
              While you were away{' '}
              <span class="font-normal text-soft">{spanText(away().until - away().since)}</span>
            </h2>
            <button type="button" class="button" onClick={seen}>
              Seen
            </button>
          </div>
          <dl class="mt-1 grid grid-cols-[auto_1fr] gap-x-3 gap-y-1">
            <For each={lines()}>
              {({ words, entries, more }) => (
                <>
                  <dt class="text-soft">{words}</dt>
                  <dd class="min-w-0">
                    <For each={entries}>
                      {({ title, href }) => (
                        <A
                          href={href}
                          class="block truncate py-0.5 text-accent hover:underline"
                          dir="auto"
                        >
                          {title}
                        </A>
                      )}
                    </For>
                    <Show when={more}>
                      {(rest) => (
                        <A href={rest().href} class="block py-0.5 text-accent hover:underline">
                          and {rest().count} more
                        </A>
                      )}
                    </Show>
                  </dd>
                </>
              )}
            </For>
          </dl>
        </section>
      )}
    </Show>
  );
}
