import { useLocation } from '@solidjs/router';
import { For, Show } from 'solid-js';
import { useMainloop } from '../state/context.tsx';
import type { Refusal } from '../state/state.ts';
import { laneOf } from '../state/waiting.ts';

/** What the server did not do, and why, wherever one is. */
export function Refusals() {
  const { state, takeRefusal } = useMainloop();
  /** Many may be asked of at once: whose answer this is. */
  const refusedTask = ({ command }: Refusal) =>
    command?.type === 'task' ? state.tasks[command.taskId]?.title : undefined;
  const location = useLocation();
  // Words are shown where they were written.
  const isElsewhere = ({ command }: Refusal) => {
    const lane = command === null ? null : laneOf(command);
    return lane === null || (lane !== 'chat' && location.pathname !== `/tasks/${lane}`);
  };
  return (
    <For each={state.refusals}>
      {(refusal, index) => (
        <Show when={isElsewhere(refusal)}>
          <div
            role="alert"
            class="flex items-center gap-3 border-b border-line bg-accent-soft px-4 py-2 text-sm"
          >
            <p class="min-w-0 flex-1 [overflow-wrap:anywhere]">
              <Show when={refusedTask(refusal)}>{(title) => `${title()}: `}</Show>
              {refusal.text}
            </p>
            <button type="button" class="button" onClick={() => takeRefusal(index())}>
              Close
            </button>
          </div>
        </Show>
      )}
    </For>
  );
}
