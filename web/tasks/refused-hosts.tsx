import { For, Show, createEffect, createSignal } from 'solid-js';
import { type EgressRefusal, EgressRefusals } from '../../protocol/pages.ts';
import { numberText } from '../ui/locale.ts';
import type { TaskSummary } from '../../protocol/task.ts';

/** So many are named before the others are folded away. */
const SHOWN_FIRST = 3;

async function fetchRefusals(id: string): Promise<EgressRefusal[]> {
  const answer = await fetch(`/api/tasks/${encodeURIComponent(id)}/refused`);
  return answer.ok ? EgressRefusals.parse(await answer.json()).rows : [];
}

const words = ({ asked, count }: EgressRefusal) =>
  `${asked}, ${count === 1 ? 'once' : `${numberText(count)} times`}`;

/** What the task's sandboxes asked for and were refused, and where that can be changed. */
export function RefusedHosts(props: { task: TaskSummary }) {
  const [rows, setRows] = createSignal<EgressRefusal[]>([]);
  createEffect(() => {
    const { id, updatedAt, note } = props.task;
    // Asked again whenever the task has moved on.
    if (updatedAt >= 0 || note !== null) void fetchRefusals(id).then(setRows, () => {});
  });
  return (
    <Show when={rows().length > 0}>
      <section class="text-[0.8125rem] [overflow-wrap:anywhere]" aria-label="Asked for and refused">
        <p>
          Asked for and refused: {rows().slice(0, SHOWN_FIRST).map(words).join('; ')}.{' '}
          <a
            class="text-accent underline underline-offset-2"
            href={`/settings/repositories#${encodeURIComponent(props.task.repository)}`}
          >
            What its sandboxes may reach
          </a>
        </p>
        <Show when={rows().length > SHOWN_FIRST}>
          <details>
            <summary class="folds">{rows().length - SHOWN_FIRST} more</summary>
            <ul>
              <For each={rows().slice(SHOWN_FIRST)}>{(row) => <li>{words(row)}</li>}</For>
            </ul>
          </details>
        </Show>
      </section>
    </Show>
  );
}
