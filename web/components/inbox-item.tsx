import { A } from '@solidjs/router';
import { Match, Show, Switch } from 'solid-js';
import type { InboxItem } from '../../protocol/inbox.ts';
import { useMainloop } from '../state/context.tsx';
import { Icon } from './icons.tsx';
import { Markdown } from './markdown.tsx';
import { Ago } from './time.tsx';

/** One thing that needs the person, to be settled right here. */
export function InboxCard(props: { item: InboxItem; compact?: boolean }) {
  const { act, state } = useMainloop();
  const busy = () =>
    state.pending.some(
      ({ command }) =>
        (command.type === 'dismiss' && command.itemId === props.item.id) ||
        (command.type === 'retry_task' && command.taskId === props.item.taskId),
    );
  return (
    <article aria-label={props.item.title} class="card px-4 py-3.5">
      <div class="flex items-start gap-3">
        <span class={`mt-0.5 ${props.item.kind === 'failure' ? 'text-bad' : 'text-good'}`}>
          <Icon name={props.item.kind === 'failure' ? 'alert' : 'pull'} />
        </span>
        <div class="min-w-0 flex-1">
          <p class="font-semibold">
            <A href={`/tasks/${props.item.taskId}`} class="hover:underline">
              {props.item.title}
            </A>
          </p>
          <p class="text-sm text-soft">
            {props.item.kind === 'failure' ? 'Failed' : 'Ready for review'} ·{' '}
            {props.item.repository} · <Ago at={props.item.at} />
          </p>
        </div>
      </div>
      <Show when={!props.compact}>
        <div class="prose mt-2.5 text-sm">
          <Switch>
            <Match when={props.item.kind === 'review' && props.item}>
              {(item) => <Markdown text={item().summary} />}
            </Match>
            <Match when={props.item.kind === 'failure' && props.item}>
              {(item) => <p>{item().reason}</p>}
            </Match>
          </Switch>
        </div>
      </Show>
      <div class="mt-3 flex flex-wrap gap-2">
        <Switch>
          <Match when={props.item.kind === 'review' && props.item}>
            {(item) => (
              <a
                class="button button-main"
                href={item().pullRequest.url}
                target="_blank"
                rel="noopener noreferrer"
              >
                Open pull request
              </a>
            )}
          </Match>
          <Match when={props.item.kind === 'failure'}>
            <button
              type="button"
              class="button button-main"
              disabled={busy()}
              onClick={() => act({ type: 'retry_task', taskId: props.item.taskId })}
            >
              Retry
            </button>
          </Match>
        </Switch>
        <button
          type="button"
          class="button"
          disabled={busy()}
          onClick={() => act({ type: 'dismiss', itemId: props.item.id })}
        >
          Dismiss
        </button>
      </div>
    </article>
  );
}

/** A settled item folds to what was decided. */
export function SettledItem(props: { item: InboxItem }) {
  return (
    <article aria-label={props.item.title} class="flex items-baseline gap-2 px-1 py-2 text-sm">
      <A href={`/tasks/${props.item.taskId}`} class="min-w-0 truncate font-medium hover:underline">
        {props.item.title}
      </A>
      <Show when={props.item.outcome}>
        {(outcome) => (
          <span class="ml-auto shrink-0 text-soft">
            {outcome().text} · <Ago at={outcome().at} />
          </span>
        )}
      </Show>
    </article>
  );
}
