import { For } from 'solid-js';
import { DEMO_EXAMPLES, EXAMPLES } from './examples.ts';

/** Says what to try, before anything was said. */
export function FirstRun(props: { isDemo: boolean; onTry(text: string): void }) {
  return (
    <div class="m-auto flex max-w-md flex-col items-center gap-2 px-4 py-10 text-center">
      <h2 class="text-2xl font-bold tracking-tight">What should get done?</h2>
      <p class="text-soft">
        Say it in your own words. Workers do it in a sandbox, and a draft pull request comes back.
      </p>
      <div class="mt-4 flex w-full flex-col gap-2">
        <For each={props.isDemo ? DEMO_EXAMPLES : EXAMPLES}>
          {(example) => (
            <button
              type="button"
              class="button justify-start py-2 text-left"
              onClick={() => props.onTry(example)}
            >
              {example}
            </button>
          )}
        </For>
      </div>
    </div>
  );
}
