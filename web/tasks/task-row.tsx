import { A } from '@solidjs/router';
import { Show } from 'solid-js';
import type { TaskSummary } from '../../protocol/task.ts';
import { Status } from './status.tsx';
import { spanOf, useTurn, waits } from './task-card.tsx';
import { costText } from '../ui/time.tsx';

/** A task in a list: its title alone, and below it how it stands; ten of them fit on a phone. */
export function TaskRow(props: { task: TaskSummary }) {
  const turn = useTurn(() => props.task);
  const owner = () => props.task.repository.split('/')[0];
  const name = () => props.task.repository.split('/')[1];
  return (
    <article
      aria-label={props.task.title}
      class="relative flex min-h-15 flex-col justify-center px-3 py-1.5 hover:bg-sunken"
    >
      <p class="truncate overflow-clip! font-medium" dir="auto">
        <A
          href={`/tasks/${props.task.id}`}
          class="after:absolute after:inset-0 focus-visible:outline-none focus-visible:after:outline-2 focus-visible:after:-outline-offset-2 focus-visible:after:outline-accent"
        >
          {props.task.title}
        </A>
      </p>
      <p class="flex items-baseline gap-x-2 text-[0.8125rem] text-soft max-[23rem]:flex-wrap">
        <span class="shrink-0">
          <Status status={props.task.status} />
        </span>
        <Show when={turn() === null} fallback={<span class="min-w-0 truncate">{turn()}</span>}>
          {/* A phone has room for the repository's own name, and cuts that before what it costs. */}
          <span class="flex min-w-0 whitespace-pre max-[23rem]:flex-wrap desk:shrink-0">
            <span class="sr-only desk:not-sr-only">{owner()}/</span>
            <span class="truncate" classList={{ 'min-w-6': (name()?.length ?? 0) > 3 }}>
              {name()}
            </span>
            <span class="shrink-0"> · {props.task.model} · </span>
            <Show when={waits(props.task)}>
              <span class="sr-only desk:not-sr-only">waits{'\u00a0'}</span>
            </Show>
            <span class="shrink-0">
              {spanOf(props.task)} · {costText(props.task.usage.cost)}
            </span>
          </span>
          <Show when={props.task.note}>
            {(note) => <span class="-ml-1 hidden min-w-0 truncate desk:inline">· {note()}</span>}
          </Show>
        </Show>
      </p>
    </article>
  );
}
