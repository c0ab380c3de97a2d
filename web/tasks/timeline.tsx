import { For, Show, createEffect, createMemo, createSignal } from 'solid-js';
import type { StatusChange } from '../../protocol/pages.ts';
import { type Phase, phasesOf } from '../state/phases.ts';
import { exactText } from '../ui/locale.ts';
import { now, spanText } from '../ui/time.tsx';

/** How long it lasted, or lasts; nothing for an end. */
function Span(props: { phase: Phase }) {
  return (
    <Show when={!props.phase.isEnd}>
      <span class="text-soft"> {spanText((props.phase.to ?? now()) - props.phase.from)}</span>
    </Show>
  );
}

/** Where a task's time went, on one line; it scrolls, and stands at its end. */
export function Timeline(props: { changes: readonly StatusChange[] }) {
  // That it has ended stands above it.
  const phases = createMemo(() => phasesOf(props.changes).filter(({ isEnd }) => !isEnd));
  const [isCut, setCut] = createSignal(false);
  let line: HTMLOListElement | undefined;
  createEffect(() => {
    if (phases().length === 0 || line === undefined) return;
    line.scrollLeft = line.scrollWidth;
    setCut(line.scrollLeft > 0);
  });
  return (
    // The first alone stands above it already. Its place is kept until others come: nothing below it moves then.
    <Show
      when={phases().length > 0 && props.changes.length > 1}
      fallback={props.changes.length <= 1 && <div class="h-7" />}
    >
      <ol
        ref={line}
        aria-label="Phases"
        tabindex="0"
        class="no-bar flex h-7 items-center overflow-x-auto text-[0.8125rem] whitespace-nowrap"
        classList={{ 'mask-l-from-90%': isCut() }}
        onScroll={(event) => setCut(event.currentTarget.scrollLeft > 0)}
      >
        <For each={phases()}>
          {(phase, place) => (
            <li title={`From ${exactText(phase.from)}`} class="shrink-0">
              <Show when={place() > 0}>
                <span aria-hidden="true" class="px-1.5 text-soft">
                  ·
                </span>
              </Show>
              {phase.words}
              <Span phase={phase} />
            </li>
          )}
        </For>
      </ol>
    </Show>
  );
}

/** The same with its exact times, under each other. */
export function Phases(props: { changes: readonly StatusChange[] }) {
  return (
    <ol aria-label="Phases with their times">
      <For each={phasesOf(props.changes)}>
        {(phase) => (
          <li class="flex flex-wrap justify-between gap-x-3">
            <span>
              {phase.words}
              <Span phase={phase} />
            </span>
            <time class="text-soft" datetime={new Date(phase.from).toISOString()}>
              {exactText(phase.from)}
            </time>
          </li>
        )}
      </For>
    </ol>
  );
}
