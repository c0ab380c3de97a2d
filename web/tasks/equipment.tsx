import { For, Show } from 'solid-js';
import type { Equipment } from '../../protocol/equipment.ts';
import { equipmentWords } from '../../protocol/equipment-words.ts';

/** What the repository brought for the task's workers, what was left out of it, and where it is trusted. */
export function EquipmentLine(props: { equipment: Equipment | null; repository: string }) {
  const lines = (): string[] => {
    if (props.equipment === null) return [];
    const { isUsed, notes } = props.equipment;
    // Why nothing was used is the first thing to know.
    const first = isUsed ? [] : notes.slice(0, 1);
    const words = equipmentWords({ ...props.equipment, notes: first }, props.repository);
    return [words, ...notes.slice(first.length)].filter(Boolean);
  };
  return (
    <Show when={lines()[0]}>
      {(first) => (
        <section
          class={`text-[0.8125rem] [overflow-wrap:anywhere] ${props.equipment?.isUsed === true ? 'text-soft' : ''}`}
          aria-label="Equipment"
        >
          <p dir="auto">
            {first()}{' '}
            <a
              class="text-accent underline underline-offset-2"
              href={`/settings/repositories#${encodeURIComponent(props.repository)}`}
            >
              What is trusted
            </a>
          </p>
          <Show when={lines().length > 1}>
            <details>
              <summary class="folds">{lines().length - 1} more about it</summary>
              <ul>
                <For each={lines().slice(1)}>{(line) => <li dir="auto">{line}</li>}</For>
              </ul>
            </details>
          </Show>
        </section>
      )}
    </Show>
  );
}
