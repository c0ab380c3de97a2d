import { A } from '@solidjs/router';
import { Show } from 'solid-js';
import type { SearchHit } from '../../protocol/search.ts';
import { Icon, type IconName } from '../ui/icons.tsx';
import { Marked } from '../ui/marked.tsx';
import { Ago } from '../ui/time.tsx';

/** What a task is called and where it works. */
export type NamedTask = { title: string; repository: string };

/** Where a hit leads: to the message, the task, or the line of its activity. */
function placeOf(hit: SearchHit): string {
  switch (hit.kind) {
    case 'message':
      return `/?at=${hit.id}`;
    case 'task':
      return `/tasks/${hit.taskId}`;
    case 'event':
      return `/tasks/${hit.taskId}?line=${hit.number}`;
  }
}

const ICONS: Record<SearchHit['kind'], IconName> = {
  message: 'chat',
  task: 'tasks',
  event: 'work',
};

/** Who or what said it. */
function headOf(hit: SearchHit, task: NamedTask | null): string {
  if (hit.kind === 'message') return hit.from === 'person' ? 'You' : 'Mainloop';
  return task?.title ?? 'A task';
}

/** One thing that was found; all of it leads to its place. */
export function Hit(props: { hit: SearchHit; task: NamedTask | null; words: readonly string[] }) {
  const head = () => headOf(props.hit, props.task);
  // A task's text begins with its title, which stands above it.
  const text = () => {
    const { text: said } = props.hit;
    const rest = said.startsWith(head()) ? said.slice(head().length).trim() : said;
    return rest;
  };
  return (
    <li>
      <A
        href={placeOf(props.hit)}
        class="flex min-h-15 gap-3 px-3 py-2 hover:bg-sunken focus-visible:-outline-offset-2"
      >
        <Icon name={ICONS[props.hit.kind]} class="mt-0.5 size-4 shrink-0 text-soft" />
        <span class="min-w-0 flex-1">
          <span class="flex items-baseline gap-3">
            <span class="min-w-0 flex-1 truncate font-medium" dir="auto">
              <Marked text={head()} words={props.hit.kind === 'message' ? [] : props.words} />
            </span>
            <Ago at={props.hit.at} class="shrink-0 text-xs text-soft" />
          </span>
          <Show when={props.task}>
            {(task) => (
              <span class="block truncate text-[0.8125rem] text-soft">{task().repository}</span>
            )}
          </Show>
          <Show when={text()}>
            <span class="line-clamp-3 text-sm [overflow-wrap:anywhere]" dir="auto">
              <Marked text={text()} words={props.words} />
            </span>
          </Show>
        </span>
      </A>
    </li>
  );
}
