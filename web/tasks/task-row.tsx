import { A } from '@solidjs/router';
import { Show } from 'solid-js';
import type { TaskSummary } from '../../protocol/task.ts';
import { Status } from './status.tsx';
import { taskSpan, useTurn } from './task-card.tsx';
import { costText } from '../ui/time.tsx';

/** A task in a list: its title alone, and below it how it stands; ten of them fit on a phone. */
export function TaskRow(props: { task: TaskSummary }) {
  const turn = useTurn(() => props.task);
  const facts = () =>
    [
      props.task.repository,
      props.task.model,
      taskSpan(props.task),
      costText(props.task.usage.cost),
    ].join(' · ');
  return (
    <article
      aria-label={props.task.title}
      class="relative flex min-h-15 flex-col justify-center px-3 py-1.5 hover:bg-sunken"
    >
      <p class="truncate font-medium" dir="auto">
        <A
          href={`/tasks/${props.task.id}`}
          class="after:absolute after:inset-0 focus-visible:outline-none focus-visible:after:outline-2 focus-visible:after:-outline-offset-2 focus-visible:after:outline-accent"
        >
          {props.task.title}
        </A>
      </p>
      <p class="flex items-center gap-2 text-[0.8125rem] text-soft">
        <span class="shrink-0">
          <Status status={props.task.status} />
        </span>
        <span class="min-w-0 truncate">
          {turn() ?? facts()}
          <Show when={turn() === null && props.task.note}>
            {(note) => <span class="hidden desk:inline"> · {note()}</span>}
          </Show>
        </span>
      </p>
    </article>
  );
}
