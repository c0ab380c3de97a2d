import { Show } from 'solid-js';
import { type Equipment, equipmentWords } from '../../protocol/equipment.ts';

/** What the repository brought for the task's workers, and where it is trusted or not. */
export function EquipmentLine(props: { equipment: Equipment | null; repository: string }) {
  const words = () =>
    props.equipment === null ? '' : equipmentWords(props.equipment, props.repository);
  return (
    <Show when={words()}>
      <section class="text-[0.8125rem] [overflow-wrap:anywhere]" aria-label="Equipment">
        <p dir="auto">
          {words()}{' '}
          <a
            class="text-accent underline underline-offset-2"
            href={`/settings/repositories#${encodeURIComponent(props.repository)}`}
          >
            What is trusted
          </a>
        </p>
      </section>
    </Show>
  );
}
