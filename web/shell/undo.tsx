import { For } from 'solid-js';
import { useMainloop } from '../state/context.tsx';
import { now } from '../ui/time.tsx';

/** What is about to be done, and the way back from it. */
export function Undo() {
  const { state, undo } = useMainloop();
  const secondsLeft = (until: number) => Math.max(0, Math.ceil((until - now()) / 1_000));
  return (
    <div role="status" class="flex flex-col">
      <For each={state.held}>
        {(held) => (
          <div class="flex items-center gap-3 border-t border-line bg-raised px-4 py-1.5 text-sm">
            <p class="min-w-0 flex-1 truncate" dir="auto">
              {held.words}
              <span aria-hidden="true" class="text-soft">
                {' '}
                in {secondsLeft(held.until)} s
              </span>
            </p>
            <button type="button" class="button button-main" onClick={() => undo(held.id)}>
              Undo
            </button>
          </div>
        )}
      </For>
    </div>
  );
}
