import { A } from '@solidjs/router';
import { Show } from 'solid-js';
import type { TaskSummary } from '../../protocol/task.ts';
import { STATUS } from '../../protocol/task-status.ts';
import { Counts, filesText } from '../ui/counts.tsx';
import { Status } from './status.tsx';
import { useMainloop } from '../state/context.tsx';
import { isPretended, turnOf } from '../state/selectors.ts';
import { moneyText } from '../ui/money.ts';
import { clockText, now, spanText } from '../ui/time.tsx';

/** Whether it waits for the person. */
export function waits({ status }: TaskSummary): boolean {
  const { group, isEnded } = STATUS[status];
  return !isEnded && (group === 'in_review' || group === 'needs_you');
}

/** How long it waits, or how long it has taken. */
export const spanOf = (task: TaskSummary): string =>
  spanText(
    waits(task)
      ? now() - task.updatedAt
      : (task.endedAt ?? now()) - (task.startedAt ?? task.createdAt),
  );

/** The same with the word that tells them apart. */
export const taskSpan = (task: TaskSummary): string =>
  waits(task) ? `waits ${spanOf(task)}` : spanOf(task);

/** How many stand before it, or what it waits for; null when it waits for nothing. */
export function useTurn(task: () => TaskSummary): () => string | null {
  const { state } = useMainloop();
  return () => {
    const { id, resumesAt } = task();
    if (resumesAt !== null) return `Goes on at ${clockText(resumesAt)}`;
    const turn = turnOf(state, id);
    if (turn === null) return null;
    if (turn.after !== null) return `Starts after “${turn.after.title}”`;
    return turn.position === 1 ? 'Next in line' : `Number ${turn.position} in line`;
  };
}

/** The same as a line of its own. */
function Turn(props: { task: TaskSummary }) {
  const words = useTurn(() => props.task);
  return (
    <Show when={words()}>{(text) => <p class="mt-1 truncate text-sm text-soft">{text()}</p>}</Show>
  );
}

/** A task in the conversation or in a list: lives, and opens its page. */
export function TaskCard(props: { task: TaskSummary }) {
  const { state } = useMainloop();
  return (
    <article
      aria-label={props.task.title}
      class="card relative px-4 py-3 transition-colors hover:border-soft"
    >
      <div class="flex items-baseline justify-between gap-x-3 max-[23rem]:flex-wrap">
        {/* Clipped and not hidden: what is hidden would be scrolled to where the link has the focus. */}
        <p
          class="line-clamp-2 min-w-0 overflow-clip! font-semibold [overflow-wrap:anywhere]"
          dir="auto"
        >
          <A href={`/tasks/${props.task.id}`} class="after:absolute after:inset-0 after:rounded-xl">
            {props.task.title}
          </A>
        </p>
        <span class="shrink-0">
          <Status status={props.task.status} />
        </span>
      </div>
      <p class="mt-0.5 text-sm text-soft [overflow-wrap:anywhere]">
        {props.task.repository} · {props.task.model} · {taskSpan(props.task)} ·{' '}
        {moneyText(props.task.usage.cost, isPretended(state))}
        <Show when={props.task.changes}>
          {(changes) => (
            <>
              {' '}
              ·{' '}
              <span class="whitespace-nowrap">
                {filesText(changes().files)} <Counts {...changes()} />
              </span>
            </>
          )}
        </Show>
      </p>
      <Turn task={props.task} />
      <Show when={props.task.note}>
        {(note) => <p class="mt-1 truncate text-sm text-soft">{note()}</p>}
      </Show>
      <Show when={props.task.pullRequest}>
        {(pullRequest) => (
          <a
            href={pullRequest().url}
            target="_blank"
            rel="noopener noreferrer"
            class="relative mt-1 inline-flex min-h-6 items-center text-sm font-medium text-accent hover:underline"
          >
            Pull request #{pullRequest().number}
          </a>
        )}
      </Show>
    </article>
  );
}
