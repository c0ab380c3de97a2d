import { For, Show, createSignal } from 'solid-js';
import type { Command } from '../../protocol/up.ts';
import { type Unsent, useMainloop } from '../state/context.tsx';
import { attachedTo, laneOf, wordsIn } from '../state/waiting.ts';

/** What of a lane was refused, and a way to take it up again. */
export function createUnsent(lane: () => string) {
  const { state, takeRefusal } = useMainloop();
  const [restored, setRestored] = createSignal<Unsent | null>(null);
  const refused = () =>
    state.refusals.flatMap(({ command, text: sentence }, index) =>
      command !== null && laneOf(command) === lane() ? [{ index, sentence, command }] : [],
    );
  return { restored, refused, edit: (index: number) => setRestored(takeRefusal(index)) };
}

/** Words that the server did not take, with its reason. */
export function NotSent(props: {
  refused: readonly { index: number; sentence: string; command: Command }[];
  onEdit(index: number): void;
}) {
  return (
    <For each={props.refused}>
      {(one) => (
        <div role="alert" class="card border-bad p-4 text-sm">
          <p class="font-medium text-bad">Not sent: {one.sentence}</p>
          <p class="mt-1 line-clamp-2 text-soft" dir="auto">
            {wordsIn(one.command).slice(0, 300)}
          </p>
          <Show when={attachedTo(one.command).length > 0}>
            <p class="mt-1 text-soft">
              With{' '}
              {attachedTo(one.command)
                .map(({ name }) => name)
                .join(', ')}
            </p>
          </Show>
          <button type="button" class="button mt-3" onClick={() => props.onEdit(one.index)}>
            Edit
          </button>
        </div>
      )}
    </For>
  );
}
