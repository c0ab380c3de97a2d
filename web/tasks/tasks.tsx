import { useSearchParams } from '@solidjs/router';
import { For, Show, createMemo } from 'solid-js';
import { NotKnownYet } from '../ui/not-known-yet.tsx';
import { Page } from '../ui/page.tsx';
import { TaskRow } from './task-row.tsx';
import { GROUP_WORDS } from './status.tsx';
import { useMainloop } from '../state/context.tsx';
import { tasksOf } from '../state/selectors.ts';

const GROUPS = ['needs_you', 'working', 'in_review', 'over'] as const;

/** Everything at work, as a person thinks of it. */
export default function Tasks() {
  const { state } = useMainloop();
  const [address, setAddress] = useSearchParams<{ repository?: string }>();
  const repository = () => address.repository ?? null;
  const repositories = createMemo(() =>
    [...new Set(Object.values(state.tasks).map((task) => task.repository))].toSorted(),
  );
  return (
    <Page title="Tasks">
      <Show when={repositories().length > 1}>
        <label class="mb-4 flex items-center gap-2 text-sm text-soft">
          Repository
          <select
            class="field max-w-64 text-sm"
            onChange={(event) => setAddress({ repository: event.currentTarget.value || null })}
          >
            <option value="">All</option>
            <For each={repositories()}>
              {(name) => (
                <option value={name} selected={name === repository()}>
                  {name}
                </option>
              )}
            </For>
          </select>
        </label>
      </Show>
      <Show
        when={Object.keys(state.tasks).length > 0}
        fallback={
          <Show when={state.shown !== 'nothing'} fallback={<NotKnownYet />}>
            <p class="card px-4 py-8 text-center text-soft">
              No tasks yet. Ask for something in the chat, and its task appears here.
            </p>
          </Show>
        }
      >
        <For each={GROUPS}>
          {(group) => {
            const tasks = createMemo(() => tasksOf(state, group, repository()));
            return (
              <Show when={tasks().length > 0}>
                <section class="mb-4" aria-label={GROUP_WORDS[group]}>
                  <h2 class="mb-1 text-sm font-semibold">
                    {GROUP_WORDS[group]} <span class="text-soft">{tasks().length}</span>
                  </h2>
                  <div class="card divide-y divide-line">
                    <For each={tasks()}>{(task) => <TaskRow task={task} />}</For>
                  </div>
                </section>
              </Show>
            );
          }}
        </For>
      </Show>
    </Page>
  );
}
