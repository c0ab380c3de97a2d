import { type JSX, Show, createSignal, onMount } from 'solid-js';
import type { TaskEvent } from '../../protocol/task-event.ts';
import type { ActivityLog } from './activity-log.ts';

/** Something long of a line: as much as is here, and the rest once it has come. */
export function Whole(props: {
  log: ActivityLog;
  number: number;
  text: string;
  of(body: TaskEvent['body']): string | null;
  children(text: string): JSX.Element;
}) {
  const isExcerpt = () => props.log.isExcerpt(props.number);
  const [whole, setWhole] = createSignal<string | null>(null);
  const [isAway, setAway] = createSignal(false);
  const load = async () => {
    setAway(false);
    const event = await props.log.whole(props.number);
    if (event === null) setAway(true);
    else setWhole(props.of(event.body));
  };
  onMount(() => {
    if (isExcerpt()) void load();
  });
  return (
    <>
      {props.children(whole() ?? props.text)}
      <Show when={isExcerpt() && whole() === null}>
        <p role="status" class="flex flex-wrap items-center gap-2 text-[0.8125rem] text-soft">
          <Show when={isAway()} fallback="The rest is on its way …">
            The rest cannot be had now.
            <button type="button" class="button" onClick={() => void load()}>
              Try again
            </button>
          </Show>
        </p>
      </Show>
    </>
  );
}
