import { For, onCleanup } from 'solid-js';
import { itemId, rowId } from '../inbox/kinds.ts';
import { useMainloop } from '../state/context.tsx';
import { settles } from '../state/on-its-way.ts';
import { openItems } from '../state/selectors.ts';
import type { HeldCommand, State } from '../state/state.ts';
import { now } from '../ui/time.tsx';

/** Where what it was about is shown, or else the head of the place. */
function homeOf(state: State, { command }: HeldCommand): HTMLElement | null {
  const item = openItems(state).find((one) => settles(command, one));
  const ids = item === undefined ? [] : [itemId(item.id), rowId(item.id)];
  const shown = ids.map((id) => document.getElementById(id)).find((one) => one !== null);
  return shown ?? document.querySelector<HTMLElement>('h1');
}

function Held(props: { held: HeldCommand }) {
  const { state, undo } = useMainloop();
  let line: HTMLDivElement | undefined;
  const secondsLeft = () => Math.max(0, Math.ceil((props.held.until - now()) / 1_000));
  const { held } = props;
  // Taken back or done, it goes away: whoever stood on it stands on what it was about.
  onCleanup(() => {
    if (line?.contains(document.activeElement) !== true) return;
    queueMicrotask(() => homeOf(state, held)?.focus());
  });
  return (
    <div
      ref={line}
      class="flex items-center gap-3 border-t border-line bg-raised px-4 py-1.5 text-sm"
    >
      <p class="min-w-0 flex-1 truncate" dir="auto">
        {held.words}
        <span aria-hidden="true" class="text-soft">
          {' '}
          in {secondsLeft()} s
        </span>
      </p>
      <button type="button" class="button button-main" onClick={() => undo(held.id)}>
        Undo
      </button>
    </div>
  );
}

/** What is about to be done, and the way back from it. */
export function Undo() {
  const { state } = useMainloop();
  return (
    <div role="status" class="flex flex-col">
      <For each={state.held}>{(held) => <Held held={held} />}</For>
    </div>
  );
}
