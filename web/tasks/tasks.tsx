import { useSearchParams } from '@solidjs/router';
import {
  For,
  Match,
  Show,
  Switch,
  createEffect,
  createMemo,
  createSignal,
  onMount,
} from 'solid-js';
import { Virtualizer, type VirtualizerHandle } from 'virtua/solid';
import { createAim } from '../ui/aim.ts';
import { onLeaving } from '../ui/kept-in-tab.ts';
import { NotKnownYet } from '../ui/not-known-yet.tsx';
import { usePlace } from '../ui/place.ts';
import { TaskRow } from './task-row.tsx';
import { GROUP_WORDS } from './status.tsx';
import { useMainloop } from '../state/context.tsx';
import { isPretended, tasksOf } from '../state/selectors.ts';
import { type TaskLine, linesOf } from './task-lines.ts';
import { tasksPlace } from './tasks-place.ts';

const GROUPS = ['needs_you', 'working', 'in_review', 'over'] as const;
/** A row's height, before it was ever drawn. */
const ROW_PX = 61;
/** The choice of a repository above them; by a class, since the page's policy forbids a style of its own. */
const FILTER_PX = 48;

/** Everything at work, as a person thinks of it; of hundreds, those that are on the screen. */
export default function Tasks() {
  const { state } = useMainloop();
  usePlace(() => ({ title: 'Tasks', back: null }));
  const [address, setAddress] = useSearchParams<{ repository?: string }>();
  const [scroller, setScroller] = createSignal<HTMLDivElement>();
  const kept = tasksPlace.read();
  const repository = () => address.repository ?? null;
  const choose = (name: string | null) => setAddress({ repository: name }, { replace: true });

  const repositories = createMemo(() => {
    const known = Object.values(state.tasks).map((task) => task.repository);
    const chosen = repository();
    return [...new Set(chosen === null ? known : [...known, chosen])].toSorted();
  });
  const lines = createMemo<TaskLine[]>(
    (before) =>
      linesOf(
        GROUPS.map((group) => ({
          group,
          ids: tasksOf(state, group, repository()).map(({ id }) => id),
        })),
        before,
      ),
    [],
  );

  let list: VirtualizerHandle | undefined;
  const margin = () => (repositories().length > 1 ? FILTER_PX : 0);
  /** By its row: how high the rows above it are, is known only once they are drawn. */
  const place = () => {
    const top = scroller()?.scrollTop ?? 0;
    if (list === undefined || top === 0) return null;
    const from = list.findItemIndex(top - margin());
    const at = lines().findIndex(({ is }, index) => index >= from && is === 'task');
    const line = lines()[at];
    if (line?.is !== 'task') return null;
    return { id: line.id, offset: top - margin() - list.getItemOffset(at) };
  };
  const remember = () => tasksPlace.write({ repository: repository(), at: place() });
  const aim = createAim<string>({
    list: () => list,
    scroller,
    indexOf: (id) => lines().findIndex((line) => line.is === 'task' && line.id === id),
  });
  let isPlaced = false;
  // Once, when the rows are there: what comes later comes where one has scrolled to.
  createEffect(() => {
    if (isPlaced || lines().length === 0 || scroller() === undefined) return;
    if (kept.repository !== null && repository() === null) return;
    isPlaced = true;
    const { at } = kept;
    if (at === null || kept.repository !== repository()) return;
    aim.toRow(at.id, { align: 'start', offset: at.offset });
  });
  onMount(() => {
    if (repository() === null && kept.repository !== null) choose(kept.repository);
  });
  onLeaving(remember);

  return (
    <div
      ref={setScroller}
      class="relative min-h-0 flex-1 overflow-y-auto"
      onWheel={aim.leave}
      onTouchMove={aim.leave}
      onKeyDown={aim.leave}
      onPointerDown={aim.leave}
    >
      <Show when={repositories().length > 1}>
        <label class="mx-auto flex h-[48px] w-full max-w-3xl items-end gap-2 px-4 text-sm text-soft">
          <span class="sr-only">Repository</span>
          <select
            class="field min-h-11 w-auto max-w-64 py-1 text-sm"
            onChange={(event) => choose(event.currentTarget.value || null)}
          >
            <option value="">All repositories</option>
            <For each={repositories()}>
              {(name) => (
                <option value={name} selected={name === repository()}>
                  {name}
                </option>
              )}
            </For>
          </select>
          <Show when={isPretended(state)}>
            <span class="ml-auto self-center">Dollars are pretended</span>
          </Show>
        </label>
      </Show>
      <Show
        when={lines().length > 0 && scroller()}
        fallback={
          <div class="mx-auto w-full max-w-3xl px-4 py-4">
            <Show when={state.shown !== 'nothing'} fallback={<NotKnownYet />}>
              <p class="card px-4 py-8 text-center text-soft">
                {repository() === null
                  ? 'No tasks yet. Ask for something in the chat, and its task appears here.'
                  : `No tasks in ${repository()}.`}
              </p>
            </Show>
          </div>
        }
      >
        {(element) => (
          <Virtualizer
            ref={(handle) => {
              // When all of this goes, it is asked once more where one was.
              list = handle ?? list;
            }}
            scrollRef={element()}
            data={lines()}
            itemSize={ROW_PX}
            bufferSize={800}
            startMargin={margin()}
          >
            {(line) => (
              <div data-row={line.is} class="mx-auto w-full max-w-3xl px-4">
                <Switch>
                  <Match when={line.is === 'group' && line}>
                    {(head) => (
                      <h2 class="pt-3 pb-1 text-sm font-semibold">
                        {GROUP_WORDS[head().group]} <span class="text-soft">{head().count}</span>
                      </h2>
                    )}
                  </Match>
                  <Match when={line.is === 'task' && line}>
                    {(row) => (
                      <div
                        class="overflow-hidden border-x border-b border-line bg-raised"
                        classList={{
                          'rounded-t-xl border-t': row().isFirst,
                          'rounded-b-xl': row().isLast,
                        }}
                      >
                        <Show when={state.tasks[row().id]}>
                          {(task) => <TaskRow task={task()} />}
                        </Show>
                      </div>
                    )}
                  </Match>
                </Switch>
              </div>
            )}
          </Virtualizer>
        )}
      </Show>
    </div>
  );
}
