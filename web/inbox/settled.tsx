import { A } from '@solidjs/router';
import { For, Match, Show, Switch, createEffect, createSignal } from 'solid-js';
import type { InboxItem, InboxOutcome } from '../../protocol/inbox.ts';
import { useMainloop } from '../state/context.tsx';
import { Icon } from '../ui/icons.tsx';
import { Ago } from '../ui/time.tsx';
import { Bar } from './bar.tsx';
import { type Draft, draftOf, draftText, dropDraft } from './drafts.ts';
import { Folded } from './folded.tsx';
import { PlanText } from './plan-text.tsx';

const WHO: Record<InboxOutcome['by'], string> = {
  person: 'You, in Mainloop',
  conversation: 'You, in the conversation',
  github: 'On GitHub',
  task: 'The task, by itself',
  mainloop: 'Mainloop, by itself',
};

/** What it was about, to be read only. */
function Was(props: { item: InboxItem }) {
  return (
    <Switch>
      <Match when={props.item.kind === 'question' && props.item}>
        {(item) => (
          <ul class="mt-3 text-sm">
            <For each={item().questions}>{({ question }) => <li dir="auto">{question}</li>}</For>
          </ul>
        )}
      </Match>
      <Match when={props.item.kind === 'plan' && props.item}>
        {(item) => <PlanText text={item().plan.text} />}
      </Match>
      <Match when={props.item.kind === 'review' && props.item}>
        {(item) => (
          <>
            <Folded text={item().summary} heading="What the worker said" more="Show all of it" />
            <a
              class="flex min-h-11 items-center self-start text-sm font-medium text-accent hover:underline"
              href={item().pullRequest.url}
              target="_blank"
              rel="noopener noreferrer"
            >
              Open pull request
            </a>
          </>
        )}
      </Match>
      <Match when={props.item.kind === 'failure' && props.item}>
        {(item) => <p class="mt-2.5 text-sm">{item().reason}</p>}
      </Match>
      <Match when={props.item.kind === 'alert' && props.item}>
        {(item) => <p class="mt-2.5 text-sm">{item().text}</p>}
      </Match>
    </Switch>
  );
}

/** What was half written when somebody else decided: it is not lost, and can still be said. */
function Unsent(props: { item: InboxItem & { taskId: string }; draft: Draft; onGone(): void }) {
  const { ask } = useMainloop();
  const text = () =>
    draftText(
      props.draft,
      props.item.kind === 'question' ? props.item.questions.map(({ question }) => question) : [],
    );
  const gone = () => {
    dropDraft(props.item.id);
    props.onGone();
  };
  return (
    <section aria-label="What you had written" class="card mt-4 px-3 py-2.5 text-sm">
      <h3 class="font-medium">What you had written was not sent</h3>
      <p class="mt-1 whitespace-pre-wrap text-soft [overflow-wrap:anywhere]" dir="auto">
        {text()}
      </p>
      <div class="mt-2 flex flex-wrap gap-2">
        <button
          type="button"
          class="button"
          onClick={() => {
            ask(props.item.taskId, { do: 'message', text: text(), when: 'now' });
            gone();
          }}
        >
          Send it to the task
        </button>
        <button type="button" class="button" onClick={gone}>
          Discard
        </button>
      </div>
    </section>
  );
}

/** An item that nobody has to decide any more: who did, how and when, and where to go on. */
export function Settled(props: {
  item: InboxItem;
  outcome: InboxOutcome;
  next: InboxItem | null;
  onKeepFocus(): void;
}) {
  const { state } = useMainloop();
  const [draft, setDraft] = createSignal(draftOf(props.item.id));
  const isRefused = ({ sentAs }: Draft) =>
    state.refusals.some(({ command }) => command?.id === sentAs);
  const isWaiting = ({ sentAs }: Draft) =>
    state.pending.some(({ command }) => command.id === sentAs);
  const unsent = () => {
    const kept = draft();
    if (kept === null || props.item.taskId === null) return null;
    return kept.sentAs === null || isRefused(kept) ? kept : null;
  };
  createEffect(() => {
    const kept = draft();
    if (kept === null || kept.sentAs === null || isRefused(kept) || isWaiting(kept)) return;
    // It was taken: this is what was decided.
    dropDraft(kept.itemId);
    setDraft(null);
  });
  return (
    <>
      <p class="mt-3 flex items-start gap-2 [overflow-wrap:anywhere]">
        <Icon name="check" class="mt-0.5 size-5 shrink-0 text-good" />
        <span>
          <span class="block font-medium">{props.outcome.text}</span>
          <span class="block text-sm text-soft">
            {WHO[props.outcome.by]} · <Ago at={props.outcome.at} />
          </span>
        </span>
      </p>
      <Show when={unsent()}>
        {(kept) => (
          <Unsent
            item={props.item as InboxItem & { taskId: string }}
            draft={kept()}
            onGone={() => {
              setDraft(null);
              props.onKeepFocus();
            }}
          />
        )}
      </Show>
      <Was item={props.item} />
      <div class="h-3 shrink-0" />
      <Bar words={null}>
        <Show
          when={props.next}
          fallback={
            <A class="button" href="/inbox">
              Back to the inbox
            </A>
          }
        >
          {(next) => (
            <A class="button button-main min-w-0 max-w-full" href={`/inbox/${next().id}`}>
              <span class="truncate">Next: {next().title}</span>
            </A>
          )}
        </Show>
      </Bar>
    </>
  );
}
