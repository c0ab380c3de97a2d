import { Show } from 'solid-js';
import { Icon } from '../ui/icons.tsx';

/** Leads to the newest messages, and says how many of them were not seen. */
export function Latest(props: { count: number; onGo(): void }) {
  return (
    <div class="relative h-0">
      <button
        type="button"
        class="button absolute bottom-3 left-1/2 -translate-x-1/2 rounded-full shadow-md low:right-2 low:bottom-1 low:left-auto low:translate-x-0"
        onClick={() => props.onGo()}
      >
        <Icon name="down" class="size-4" /> Latest
        <Show when={props.count}>
          {(count) => <span class="font-semibold text-accent">{count()} new</span>}
        </Show>
      </button>
    </div>
  );
}
