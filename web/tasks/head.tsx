import { A } from '@solidjs/router';
import { Match, Show, Switch, createMemo } from 'solid-js';
import type { TaskDetails } from '../../protocol/pages.ts';
import type { TaskSummary } from '../../protocol/task.ts';
import { useMainloop } from '../state/context.tsx';
import { isPretended, openItems } from '../state/selectors.ts';
import { moneyText } from '../ui/money.ts';
import { now, spanText } from '../ui/time.tsx';
import { usePlace } from '../ui/place.ts';
import { EquipmentLine } from './equipment.tsx';
import { type MainAction, mainActionOf } from './main-action.ts';
import { RefusedHosts } from './refused-hosts.tsx';
import { Status } from './status.tsx';
import { TaskFacts } from './task-facts.tsx';
import { useTurn } from './task-card.tsx';
import { TaskMenu } from './task-menu.tsx';
import { Timeline } from './timeline.tsx';

export const BACK = { href: '/tasks', label: 'Back to the tasks' };

/** What moves it on: filled where it waits for the person, plain where it goes on by itself. */
function MainButton(props: { task: TaskSummary; action: MainAction }) {
  const { ask, hold } = useMainloop();
  const asHeld = (command: { do: 'merge' } | { do: 'cancel'; close: boolean }, words: string) =>
    hold({ type: 'task', taskId: props.task.id, command }, `${words} ${props.task.title}`);
  return (
    <Switch>
      <Match when={props.action.is === 'decide' && props.action}>
        {(decide) => (
          <A href={decide().href} class="button button-main shrink-0">
            {decide().label}
          </A>
        )}
      </Match>
      <Match when={props.action.is === 'merge'}>
        <button
          type="button"
          class="button button-main shrink-0"
          onClick={() => asHeld({ do: 'merge' }, 'Merging')}
        >
          Merge
        </button>
      </Match>
      <Match when={props.action.is === 'retry'}>
        <button
          type="button"
          class="button button-main shrink-0"
          onClick={() => ask(props.task.id, { do: 'retry', from: 'checkpoint' })}
        >
          Retry
        </button>
      </Match>
      <Match when={props.action.is === 'cancel'}>
        <button
          type="button"
          class="button shrink-0"
          onClick={() => asHeld({ do: 'cancel', close: false }, 'Cancelling')}
        >
          Cancel task
        </button>
      </Match>
    </Switch>
  );
}

/** A task's head, small: how it stands, the one thing to do about it, and the rest in a menu. */
export function Head(props: { task: TaskSummary; details: TaskDetails | null }) {
  usePlace(() => ({ title: props.task.title, back: BACK }));
  const { state } = useMainloop();
  const open = createMemo(() => openItems(state));
  const action = () => mainActionOf(props.task, open());
  const turn = useTurn(() => props.task);
  let facts: HTMLDialogElement | undefined;
  let more: HTMLElement | undefined;
  const words = () => {
    const { repository, model, usage, createdAt, startedAt, endedAt } = props.task;
    // Before the first figure there is none to show.
    const cost = usage.cost > 0 ? [moneyText(usage.cost, isPretended(state))] : [];
    // How long it waits already is the last of its phases.
    const took = spanText((endedAt ?? now()) - (startedAt ?? createdAt));
    return [repository, model, took, ...cost].join(' · ');
  };
  const isFailed = () => props.task.status === 'Failed';
  return (
    <header class="mx-auto w-full max-w-3xl shrink-0 px-4 pt-2">
      <div class="flex items-center gap-2">
        <p class="min-w-0 flex-1">
          <Status status={props.task.status} />
        </p>
        <Show when={action()}>{(main) => <MainButton task={props.task} action={main()} />}</Show>
        <TaskMenu
          ref={(button) => (more = button)}
          task={props.task}
          main={action()?.is ?? null}
          onDetails={() => facts?.showModal()}
        />
      </div>
      <p class="flex flex-wrap gap-x-2 text-[0.8125rem] text-soft [overflow-wrap:anywhere]">
        <span>{words()}</span>
        <Show when={turn()}>{(place) => <span>{place()}</span>}</Show>
        <Show when={props.task.pullRequest}>
          {(pullRequest) => (
            <a
              class="-my-1 inline-flex min-h-7 items-center font-medium text-accent hover:underline"
              href={pullRequest().url}
              target="_blank"
              rel="noopener noreferrer"
            >
              Pull request
            </a>
          )}
        </Show>
        <Show when={props.task.issue}>
          {(issue) => (
            <a
              class="-my-1 inline-flex min-h-7 items-center font-medium text-accent hover:underline"
              href={issue().url}
              target="_blank"
              rel="noopener noreferrer"
            >
              Issue #{issue().number}
            </a>
          )}
        </Show>
      </p>
      <Show when={props.task.note}>
        {(note) => (
          <p
            class={`text-[0.8125rem] [overflow-wrap:anywhere] ${isFailed() ? 'text-bad' : 'truncate text-soft'}`}
          >
            {note()}
          </p>
        )}
      </Show>
      <Timeline changes={props.details?.changes ?? []} />
      <EquipmentLine
        equipment={props.details?.equipment ?? null}
        repository={props.task.repository}
      />
      <RefusedHosts task={props.task} />
      <TaskFacts
        ref={(dialog) => (facts = dialog)}
        // The menu's line from which it was opened is gone by then, and the focus with it.
        onClose={() => more?.focus()}
        task={props.task}
        details={props.details}
      />
    </header>
  );
}
