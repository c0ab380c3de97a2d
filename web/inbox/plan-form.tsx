import { For, Show, createMemo, createSignal } from 'solid-js';
import type { PlanVerdict } from '../../protocol/decision.ts';
import type { InboxItem } from '../../protocol/inbox.ts';
import { useMainloop } from '../state/context.tsx';
import { changedLines, lineDiff } from '../ui/line-diff.ts';
import { Markdown } from '../ui/markdown.tsx';

/** A plan longer than this is folded at first. */
const FOLD_CHARS = 900;

const MARKS = {
  added: { sign: '+', words: 'Added: ', colour: 'bg-good/10 text-good' },
  removed: { sign: '−', words: 'Removed: ', colour: 'bg-bad/10 text-bad' },
  same: { sign: ' ', words: '', colour: 'text-soft' },
} as const;

/** What a revised plan says differently, line by line. */
function Changes(props: { before: string; after: string }) {
  const lines = createMemo(() => changedLines(lineDiff(props.before, props.after)));
  return (
    <details class="mt-3 text-sm" open>
      <summary class="min-h-6 font-medium">What changed</summary>
      <div class="mt-1.5 overflow-x-auto rounded-lg border border-line py-1 font-mono text-xs">
        <For each={lines()}>
          {(line) => (
            <Show when={line} fallback={<p class="px-3 text-soft">⋯</p>}>
              {(shown) => (
                <p class={`px-3 whitespace-pre-wrap ${MARKS[shown().is].colour}`}>
                  <span aria-hidden="true">{MARKS[shown().is].sign} </span>
                  <span class="sr-only">{MARKS[shown().is].words}</span>
                  {shown().text}
                </p>
              )}
            </Show>
          )}
        </For>
      </div>
    </details>
  );
}

/** A plan's text; a long one is folded until it is wanted. */
export function PlanText(props: { text: string }) {
  const [whole, setWhole] = createSignal(false);
  const folded = () => props.text.length > FOLD_CHARS && !whole();
  return (
    <>
      <div
        class="prose mt-2.5 text-sm [overflow-wrap:anywhere]"
        classList={{ 'max-h-64 overflow-hidden mask-b-from-60%': folded() }}
      >
        <Markdown text={props.text} />
      </div>
      <Show when={folded()}>
        <button type="button" class="button mt-1" onClick={() => setWhole(true)}>
          Show the whole plan
        </button>
      </Show>
    </>
  );
}

/** A plan that waits: read it, pick an alternative, approve it, send it back, or end the task. */
export function PlanForm(props: {
  item: Extract<InboxItem, { kind: 'plan' }>;
  busy: boolean;
  onDecide(): void;
}) {
  const { ask } = useMainloop();
  const [picked, setPicked] = createSignal<string | null>(null);
  const [asking, setAsking] = createSignal<'changes' | 'reject' | null>(null);
  const key = () => `changes:${props.item.plan.id}`;
  const [changes, setChanges] = createSignal(sessionStorage.getItem(key()) ?? '');
  const decide = (verdict: PlanVerdict) => {
    props.onDecide();
    const { id: planId, hash } = props.item.plan;
    ask(props.item.taskId, { do: 'decide', planId, hash, verdict });
  };
  let field: HTMLTextAreaElement | undefined;
  return (
    <>
      <Show when={props.item.plan.previous}>
        {(before) => <Changes before={before()} after={props.item.plan.text} />}
      </Show>
      <PlanText text={props.item.plan.text} />
      <Show when={props.item.plan.alternatives.length > 0}>
        <fieldset class="mt-3">
          <legend class="mb-1.5 text-sm font-medium">Which way?</legend>
          <div class="flex flex-col gap-1.5">
            <For each={[null, ...props.item.plan.alternatives]}>
              {(alternative) => (
                <label class="flex min-h-11 cursor-pointer items-center gap-3 rounded-lg border border-line px-3 py-2 text-sm has-checked:border-accent has-checked:bg-accent-soft">
                  <input
                    type="radio"
                    name={`way-${props.item.id}`}
                    class="size-4 shrink-0 accent-(--accent)"
                    checked={picked() === alternative}
                    onChange={() => setPicked(alternative)}
                  />
                  {alternative ?? 'As planned'}
                </label>
              )}
            </For>
          </div>
        </fieldset>
      </Show>
      <div class="mt-3 flex flex-wrap gap-2">
        <button
          type="button"
          class="button button-main"
          disabled={props.busy}
          onClick={() => decide({ is: 'approve', alternative: picked() })}
        >
          Approve
        </button>
        <button
          type="button"
          class="button"
          disabled={props.busy}
          aria-expanded={asking() === 'changes'}
          onClick={() => {
            setAsking('changes');
            queueMicrotask(() => field?.focus());
          }}
        >
          Request changes
        </button>
        <button
          type="button"
          class="button"
          disabled={props.busy}
          aria-expanded={asking() === 'reject'}
          onClick={() => setAsking('reject')}
        >
          Reject
        </button>
      </div>
      <Show when={asking() === 'changes'}>
        <form
          class="mt-3 flex flex-col gap-2"
          onSubmit={(event) => {
            event.preventDefault();
            const text = changes().trim();
            if (text !== '' && !props.busy) decide({ is: 'changes', text });
          }}
        >
          <textarea
            ref={field}
            rows="3"
            aria-label="What should change"
            placeholder="What should change"
            class="field text-sm"
            value={changes()}
            onInput={(event) => {
              setChanges(event.currentTarget.value);
              sessionStorage.setItem(key(), event.currentTarget.value);
            }}
          />
          <button
            type="submit"
            class="button button-main self-start"
            disabled={changes().trim() === '' || props.busy}
          >
            Send back
          </button>
        </form>
      </Show>
      <Show when={asking() === 'reject'}>
        <div class="mt-3 flex flex-wrap items-center gap-2 text-sm">
          <p class="min-w-0 flex-1">Rejecting the plan ends the task.</p>
          <button
            type="button"
            class="button text-bad"
            disabled={props.busy}
            onClick={() => decide({ is: 'reject' })}
          >
            Reject and end the task
          </button>
        </div>
      </Show>
    </>
  );
}
