import { A } from '@solidjs/router';
import { Match, Show, Switch, createMemo, createSignal, onCleanup } from 'solid-js';
import { Dynamic } from 'solid-js/web';
import { INBOX_KINDS, type InboxItem, type ReviewChecks } from '../../protocol/inbox.ts';
import { useMainloop } from '../state/context.tsx';
import { INBOX_ICONS, kindWords } from './kinds.ts';
import { BudgetForm } from './budget-form.tsx';
import { Counts, filesText } from '../ui/counts.tsx';
import { Icon, type IconName } from '../ui/icons.tsx';
import { Markdown } from '../ui/markdown.tsx';
import type { PlanForm } from './plan-form.tsx';
import type { QuestionForm } from './question-form.tsx';
import { Ago } from '../ui/time.tsx';

const [forms, setForms] = createSignal<{
  question: typeof QuestionForm;
  plan: typeof PlanForm;
} | null>(null);
// Signals and no resource: a resource would suspend the page, and take what is being typed with it.
void Promise.all([import('./question-form.tsx'), import('./plan-form.tsx')]).then(
  ([question, plan]) => setForms({ question: question.QuestionForm, plan: plan.PlanForm }),
);

const COLOURS: Record<InboxItem['kind'], string> = {
  question: 'text-warn',
  plan: 'text-warn',
  review: 'text-accent',
  budget: 'text-warn',
  failure: 'text-bad',
  alert: 'text-warn',
};

const CHECKS: Record<ReviewChecks['is'], { icon: IconName; colour: string }> = {
  none: { icon: 'question', colour: 'text-soft' },
  passed: { icon: 'check', colour: 'text-good' },
  failed: { icon: 'cross', colour: 'text-bad' },
  unfinished: { icon: 'clock', colour: 'text-warn' },
};

function checksWords(checks: ReviewChecks): string {
  switch (checks.is) {
    case 'none':
      return 'No checks';
    case 'passed':
      return checks.count === 1 ? 'Its check passes' : `All ${checks.count} checks pass`;
    case 'failed':
      return `Checks still fail: ${checks.names.join(', ')}`;
    case 'unfinished':
      return 'Its checks did not end in time';
  }
}

/** Where there is more of it: its task, or how the installation is. */
const placeOf = ({ taskId }: InboxItem) => (taskId === null ? '/health' : `/tasks/${taskId}`);

/** Before a card goes away with the focus in it, the focus goes on to the next one or to the heading. */
function handFocusOn(card: HTMLElement): void {
  if (!card.contains(document.activeElement)) return;
  const next = card.nextElementSibling ?? document.querySelector('h1');
  queueMicrotask(() => next instanceof HTMLElement && next.focus());
}

/** One thing that needs the person, to be settled right here. */
export function InboxCard(props: { item: InboxItem; isOpen: boolean; onToggle(): void }) {
  const { state } = useMainloop();
  let card: HTMLElement | undefined;
  // What is half typed in it stays while another one is open.
  const wasOpen = createMemo<boolean>((was) => was || props.isOpen, false);
  onCleanup(() => card !== undefined && handFocusOn(card));
  const busy = () =>
    [...state.pending, ...state.held].some(({ command }) => {
      switch (command.type) {
        case 'change_settings':
          return props.item.kind === 'budget' && props.item.scope === 'day';
        case 'dismiss':
          return command.itemId === props.item.id;
        case 'task':
          return (
            command.taskId === props.item.taskId &&
            INBOX_KINDS[props.item.kind].settledBy.includes(command.command.do)
          );
        case 'send':
        case 'stop':
        case 'again':
        case 'move_task':
          return false;
      }
    });
  // A button that is disabled loses the focus; the card keeps it until it is settled.
  const onDecide = () => card?.focus();
  return (
    <article
      ref={card}
      tabindex="-1"
      id={`item-${props.item.id}`}
      aria-label={props.item.title}
      class="card"
    >
      <header class="flex min-h-15 items-center gap-3 pr-2 pl-3">
        <span class={COLOURS[props.item.kind]}>
          <Icon name={INBOX_ICONS[props.item.kind]} />
        </span>
        <h2 class="min-w-0 flex-1">
          <button
            type="button"
            aria-expanded={props.isOpen}
            class="block min-h-15 w-full py-1.5 text-left"
            onClick={() => props.onToggle()}
          >
            <span
              class="block font-medium [overflow-wrap:anywhere]"
              classList={{ truncate: !props.isOpen }}
              dir="auto"
            >
              {props.item.title}
            </span>
            <span class="block truncate text-[0.8125rem] text-soft">
              {kindWords(props.item)}
              <Show when={props.item.repository}>{(name) => ` · ${name()}`}</Show> ·{' '}
              <Ago at={props.item.at} />
            </span>
          </button>
        </h2>
        <A
          href={placeOf(props.item)}
          class="flex min-h-11 shrink-0 items-center px-2 text-sm font-medium text-accent hover:underline"
        >
          {props.item.taskId === null ? 'Health' : 'Task'}
          <span class="sr-only"> {props.item.title}</span>
        </A>
      </header>
      <Show when={wasOpen()}>
        <div hidden={!props.isOpen} class="settling border-t border-line px-4 pt-1 pb-3.5">
          <Settle item={props.item} busy={busy()} onDecide={onDecide} />
        </div>
      </Show>
    </article>
  );
}

/** What can be done about it, by its kind. */
function Settle(props: { item: InboxItem; busy: boolean; onDecide(): void }) {
  const { ask, hold, state } = useMainloop();
  return (
    <Switch>
      <Match when={props.item.kind === 'question' && props.item}>
        {(item) => (
          <Show when={forms()}>
            {(loaded) => (
              <Dynamic
                component={loaded().question}
                item={item()}
                busy={props.busy}
                onDecide={props.onDecide}
              />
            )}
          </Show>
        )}
      </Match>
      <Match when={props.item.kind === 'plan' && props.item}>
        {(item) => (
          <Show when={forms()}>
            {(loaded) => (
              <Dynamic
                component={loaded().plan}
                item={item()}
                busy={props.busy}
                onDecide={props.onDecide}
              />
            )}
          </Show>
        )}
      </Match>
      <Match when={props.item.kind === 'review' && props.item}>
        {(item) => (
          <>
            <div class="prose mt-2.5 text-sm">
              <Markdown text={item().summary} />
            </div>
            <p class={`mt-2.5 flex items-start gap-2 text-sm ${CHECKS[item().checks.is].colour}`}>
              <Icon name={CHECKS[item().checks.is].icon} class="mt-0.5 size-4 shrink-0" />
              {checksWords(item().checks)}
            </p>
            <Show when={state.tasks[item().taskId]?.changes}>
              {(changes) => (
                <A
                  href={`/tasks/${item().taskId}?tab=changes`}
                  class="mt-2 flex min-h-11 items-center gap-2 text-sm font-medium text-accent hover:underline"
                >
                  {filesText(changes().files)} changed <Counts {...changes()} />
                </A>
              )}
            </Show>
            <div class="flex flex-wrap gap-2">
              <a
                class="button"
                href={item().pullRequest.url}
                target="_blank"
                rel="noopener noreferrer"
              >
                Open pull request
              </a>
              <button
                type="button"
                class="button button-main"
                disabled={props.busy}
                onClick={() => {
                  props.onDecide();
                  const command = { do: 'merge' } as const;
                  hold({ type: 'task', taskId: item().taskId, command }, `Merging ${item().title}`);
                }}
              >
                Merge
              </button>
              <Dismiss item={item()} busy={props.busy} />
            </div>
          </>
        )}
      </Match>
      <Match when={props.item.kind === 'budget' && props.item}>
        {(item) => <BudgetForm item={item()} busy={props.busy} onDecide={props.onDecide} />}
      </Match>
      <Match when={props.item.kind === 'alert' && props.item}>
        {(item) => (
          <>
            <p class="mt-2.5 text-sm [overflow-wrap:anywhere]">{item().text}</p>
            <div class="mt-3 flex flex-wrap gap-2">
              <A class="button" href="/health">
                Open health
              </A>
              <Dismiss item={item()} busy={props.busy} />
            </div>
          </>
        )}
      </Match>
      <Match when={props.item.kind === 'failure' && props.item}>
        {(item) => (
          <>
            <p class="mt-2.5 text-sm">{item().reason}</p>
            <div class="mt-3 flex flex-wrap gap-2">
              <button
                type="button"
                class="button button-main"
                disabled={props.busy}
                onClick={() => ask(item().taskId, { do: 'retry', from: 'checkpoint' })}
              >
                Retry
              </button>
              <Dismiss item={item()} busy={props.busy} />
            </div>
          </>
        )}
      </Match>
    </Switch>
  );
}

/** Puts aside what may be put aside. */
function Dismiss(props: { item: InboxItem; busy: boolean }) {
  const { hold } = useMainloop();
  return (
    <Show when={INBOX_KINDS[props.item.kind].canDismiss}>
      <button
        type="button"
        class="button"
        disabled={props.busy}
        onClick={() =>
          hold({ type: 'dismiss', itemId: props.item.id }, `Dismissing ${props.item.title}`)
        }
      >
        Dismiss
      </button>
    </Show>
  );
}

/** A settled item folds to what was decided. */
export function SettledItem(props: { item: InboxItem }) {
  return (
    <article
      aria-label={props.item.title}
      class="flex flex-wrap items-baseline gap-x-3 gap-y-0.5 px-1 py-2 text-sm"
    >
      <A href={placeOf(props.item)} class="min-w-0 truncate font-medium hover:underline">
        {props.item.title}
      </A>
      <Show when={props.item.outcome}>
        {(outcome) => (
          <span class="ml-auto max-w-full text-soft [overflow-wrap:anywhere]">
            {outcome().text} · <Ago at={outcome().at} />
          </span>
        )}
      </Show>
    </article>
  );
}
