import { For, Match, Show, Switch, createEffect, createSignal, on } from 'solid-js';
import { ChangedFiles } from '../../protocol/changes.ts';
import { useMainloop } from '../state/context.tsx';
import { Icon } from '../ui/icons.tsx';
import { type Touch, touches } from './touches.ts';

/** Paths that are named of one kind. */
const PATHS_MAX = 5;

type Looked = { is: 'looking' | 'away' | 'gone' } | { is: 'there'; found: Touch[]; more: number };

async function look(taskId: string): Promise<Looked> {
  try {
    const answer = await fetch(`/api/tasks/${encodeURIComponent(taskId)}/changes?lines=none`);
    if (answer.status === 404) return { is: 'gone' };
    if (!answer.ok) return { is: 'away' };
    const { files, more } = ChangedFiles.parse(await answer.json());
    return { is: 'there', found: touches(files), more };
  } catch {
    return { is: 'away' };
  }
}

/** What in the changes deserves a closer look, each with the reason; nothing that would pass for a judgement. */
export function Touches(props: { taskId: string; version: string }) {
  const { state } = useMainloop();
  const [looked, setLooked] = createSignal<Looked>({ is: 'looking' });
  createEffect(
    on([() => props.version, () => state.connection], async ([version]) => {
      const answer = await look(props.taskId);
      // What was seen before stays, where nothing can be had now.
      if (version !== props.version || (answer.is === 'away' && looked().is === 'there')) return;
      setLooked(answer);
    }),
  );
  const there = () => {
    const known = looked();
    return known.is === 'there' ? known : null;
  };
  return (
    <Switch>
      <Match when={there()}>
        {(known) => (
          <Show
            when={known().found.length > 0}
            fallback={
              <p class="text-sm text-soft">
                Touches no CI, migrations, dependencies, deployment or sign-in, and takes no tests
                away{known().more > 0 ? ', as far as its files are listed' : ''}.
              </p>
            }
          >
            <details class="group text-sm">
              <summary class="flex min-h-11 list-none items-center gap-2 [&::-webkit-details-marker]:hidden">
                <Icon name="alert" class="size-4 shrink-0 text-warn" />
                <span class="min-w-0 flex-1 [overflow-wrap:anywhere]">
                  Touches:{' '}
                  {known()
                    .found.map(({ words }) => words)
                    .join(', ')}
                </span>
                <Icon
                  name="right_small"
                  class="size-5 shrink-0 text-soft transition-transform group-open:rotate-90"
                />
              </summary>
              <ul class="flex flex-col gap-2 pb-2 pl-6">
                <For each={known().found}>
                  {({ words, why, paths }) => (
                    <li class="[overflow-wrap:anywhere]">
                      <span class="font-medium">{words}</span>
                      <span class="text-soft">. {why}</span>
                      <For each={paths.slice(0, PATHS_MAX)}>
                        {(path) => <code class="block text-xs text-soft">{path}</code>}
                      </For>
                      <Show when={paths.length > PATHS_MAX}>
                        <span class="text-xs text-soft">and {paths.length - PATHS_MAX} more</span>
                      </Show>
                    </li>
                  )}
                </For>
              </ul>
            </details>
          </Show>
        )}
      </Match>
      <Match when={looked().is === 'away'}>
        <p class="text-sm text-soft">What it touches is not known without a connection.</p>
      </Match>
    </Switch>
  );
}
