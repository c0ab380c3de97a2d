import { For, Show, createEffect } from 'solid-js';
import type { ActivityRow } from '../state/activity.ts';
import { Icon, type IconName } from '../ui/icons.tsx';

type Setup = Extract<ActivityRow, { is: 'setup' }>;
/** Output that comes at once may be so high. */
const FOLLOWED_PX = 400;

type End = NonNullable<Setup['end']>;

function wordsOf({ outcome, exitCode, durationMs }: End): string {
  const seconds = Math.max(1, Math.round(durationMs / 1_000));
  switch (outcome) {
    case 'done':
      return `done in ${seconds} s`;
    case 'restored':
      return `put back from the last sandbox in ${seconds} s`;
    case 'too_long':
      return 'took too long, and was ended';
    case 'stopped':
      return 'was stopped';
    case 'failed':
      return exitCode === null ? 'could not be run' : `failed with exit code ${exitCode}`;
  }
}

const isGood = ({ outcome }: End) => outcome === 'done' || outcome === 'restored';

/** A repository's set-up script with its output: open while it runs, and where it failed. */
export function SetupRow(props: {
  row: Setup;
  /** What the person chose; undefined while they have not. */
  chosen: boolean | undefined;
  onChoose(isOpen: boolean): void;
}) {
  const end = () => props.row.end;
  const state = (): { icon: IconName; colour: string; words: string } => {
    const ended = end();
    if (ended === null) return { icon: 'work', colour: 'text-accent pulse', words: 'is running' };
    const words = wordsOf(ended);
    return isGood(ended)
      ? { icon: 'check', colour: 'text-good', words }
      : { icon: 'alert', colour: 'text-bad', words };
  };
  const isOpen = () => {
    const ended = end();
    if (props.chosen !== undefined) return props.chosen;
    return ended === null || !isGood(ended) || ended.secretsIn.length > 0;
  };
  let shown: HTMLPreElement | undefined;
  createEffect(() => {
    // Follows the output while nobody has scrolled up in it.
    if (props.row.output === '' || shown === undefined) return;
    const below = shown.scrollHeight - shown.scrollTop - shown.clientHeight;
    if (below < FOLLOWED_PX) shown.scrollTop = shown.scrollHeight;
  });
  return (
    <details class="card group overflow-hidden" open={isOpen()}>
      <summary
        class="flex min-h-11 items-center gap-2.5 px-3 py-2 text-sm"
        onClick={(event) => {
          event.preventDefault();
          props.onChoose(!isOpen());
        }}
      >
        <span class={state().colour}>
          <Icon name={state().icon} class="size-4" />
        </span>
        <span class="font-semibold">Set-up</span>
        <span class="min-w-0 flex-1 text-soft">{state().words}</span>
      </summary>
      <div class="flex flex-col gap-2 border-t border-line p-3 text-sm">
        <Show when={end()?.secretsIn.length}>
          <div class="text-bad" role="alert">
            <p>
              A secret lies in a file now, where the worker can read it. Have the script take it out
              again:
            </p>
            <ul class="list-disc pl-5 font-mono text-xs [overflow-wrap:anywhere]">
              <For each={end()?.secretsIn}>{(file) => <li>{file}</li>}</For>
            </ul>
          </div>
        </Show>
        <Show
          when={props.row.output}
          fallback={<p class="text-soft">{end() === null ? 'No output yet.' : 'No output.'}</p>}
        >
          {(output) => (
            <pre
              ref={shown}
              tabindex="0"
              aria-label="Output of the set-up"
              class="max-h-96 overflow-auto rounded-lg bg-sunken p-2 font-mono text-xs"
            >
              {output()}
            </pre>
          )}
        </Show>
      </div>
    </details>
  );
}
