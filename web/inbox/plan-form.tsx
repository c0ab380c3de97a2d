import { For, Show, createMemo, createSignal, onMount } from 'solid-js';
import type { PlanVerdict } from '../../protocol/decision.ts';
import type { InboxItem } from '../../protocol/inbox.ts';
import { useMainloop } from '../state/context.tsx';
import { changedLines, lineDiff } from '../ui/line-diff.ts';
import { Bar } from './bar.tsx';
import { draftOf, keepDraft } from './drafts.ts';
import type { Deciding } from './deciding.ts';
import { planParts } from './plan-parts.ts';
import { PlanText } from './plan-text.tsx';

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

/** What is asked for instead of the plan; it stays when something else is looked at. */
function Wanted(props: { words: string; onInput(words: string): void }) {
  let field: HTMLTextAreaElement | undefined;
  onMount(() => field?.focus());
  return (
    <textarea
      ref={field}
      rows="3"
      dir="auto"
      aria-label="What should change"
      placeholder="What should change"
      class="field mt-3 mb-3 shrink-0 scroll-mb-24"
      value={props.words}
      onInput={(event) => props.onInput(event.currentTarget.value)}
    />
  );
}

/** A plan that waits: read it, pick an alternative, approve it, send it back, or end the task. */
export function PlanForm(props: Deciding & { item: Extract<InboxItem, { kind: 'plan' }> }) {
  const { act, hold } = useMainloop();
  const parts = createMemo(() => planParts(props.item.plan.text, props.item.plan.alternatives));
  const [picked, setPicked] = createSignal<string | null>(null);
  const kept = draftOf(props.item.id)?.words ?? '';
  const [words, setWords] = createSignal(kept);
  const [isAsking, setIsAsking] = createSignal(kept !== '');
  const ways = () =>
    parts().offersAsPlanned
      ? parts().ways.map((way) => ({ ...way, value: way.name }))
      : [
          { name: 'As planned', says: '', value: null },
          ...parts().ways.map((way) => ({ ...way, value: way.name })),
        ];
  const isPicked = (value: string | null) => (picked() ?? ways()[0]?.value ?? null) === value;
  const command = (verdict: PlanVerdict) => {
    const { id: planId, hash } = props.item.plan;
    const decide = { do: 'decide', planId, hash, verdict } as const;
    return { type: 'task', taskId: props.item.taskId, command: decide } as const;
  };
  const decide = (verdict: PlanVerdict) => {
    const id = act(command(verdict));
    if (verdict.is === 'changes') keepDraft(props.item.id, { words: verdict.text, sentAs: id });
    props.onDecide();
  };
  return (
    <form
      class="flex flex-1 flex-col"
      onSubmit={(event) => {
        event.preventDefault();
        const text = words().trim();
        if (props.busy !== null) return;
        if (isAsking()) {
          if (text !== '') decide({ is: 'changes', text });
        } else {
          const alternative = picked() ?? (parts().offersAsPlanned ? ways()[0]?.value : null);
          decide({ is: 'approve', alternative: alternative ?? null });
        }
      }}
    >
      <Show when={props.item.plan.previous}>
        {(before) => <Changes before={before()} after={props.item.plan.text} />}
      </Show>
      <PlanText text={parts().text} />
      <Show when={props.item.plan.alternatives.length > 0 && !isAsking()}>
        <fieldset class="mt-3">
          <legend class="mb-1.5 text-sm font-medium">Which way?</legend>
          <div class="flex flex-col gap-1.5">
            <For each={ways()}>
              {(way) => (
                <label class="flex min-h-11 cursor-pointer items-start gap-3 rounded-lg border border-line px-3 py-2.5 text-sm has-checked:border-accent has-checked:bg-accent-soft">
                  <input
                    type="radio"
                    name={`way-${props.item.id}`}
                    aria-label={way.name}
                    class="mt-0.5 size-4 shrink-0 accent-(--accent)"
                    checked={isPicked(way.value)}
                    onChange={() => setPicked(way.value)}
                  />
                  <span class="min-w-0 [overflow-wrap:anywhere]">
                    <span class="block font-medium">{way.name}</span>
                    <Show when={way.says}>
                      <span class="block text-soft">{way.says}</span>
                    </Show>
                  </span>
                </label>
              )}
            </For>
          </div>
        </fieldset>
      </Show>
      <Show when={isAsking()}>
        <Wanted
          words={words()}
          onInput={(said) => {
            setWords(said);
            keepDraft(props.item.id, { words: said, sentAs: null });
          }}
        />
      </Show>
      <div class="h-3 shrink-0" />
      <Bar words={props.busy}>
        <Show
          when={!isAsking()}
          fallback={
            <>
              <button
                type="submit"
                class="button button-main"
                disabled={words().trim() === '' || props.busy !== null}
              >
                Send back
              </button>
              <button
                type="button"
                class="button"
                onClick={() => {
                  setIsAsking(false);
                  props.onKeepFocus();
                }}
              >
                Back to the plan
              </button>
            </>
          }
        >
          <button type="submit" class="button button-main" disabled={props.busy !== null}>
            Approve
          </button>
          <button
            type="button"
            class="button"
            disabled={props.busy !== null}
            onClick={() => setIsAsking(true)}
          >
            Request changes
          </button>
          <button
            type="button"
            class="button"
            disabled={props.busy !== null}
            onClick={() => {
              hold(command({ is: 'reject' }), `Rejecting the plan and ending ${props.item.title}`);
              props.onDecide();
            }}
          >
            Reject
          </button>
        </Show>
      </Bar>
    </form>
  );
}
