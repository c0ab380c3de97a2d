import { Tabs } from '@kobalte/core/tabs';
import { A, useParams, useSearchParams } from '@solidjs/router';
import {
  For,
  Match,
  Show,
  Switch,
  createEffect,
  createMemo,
  createSignal,
  untrack,
} from 'solid-js';
import { WorkerModel } from '../../protocol/model.ts';
import { TaskDetails } from '../../protocol/pages.ts';
import type { TaskSummary } from '../../protocol/task.ts';
import { STATUS } from '../../protocol/task-status.ts';
import { Activity } from './activity.tsx';
import { RefusedHosts } from './refused-hosts.tsx';
import { PlanText } from '../inbox/plan-form.tsx';
import { Status } from './status.tsx';
import { NeedLink, Turn, taskSpan } from './task-card.tsx';
import { usePlace } from '../ui/place.ts';
import { later } from '../ui/later.tsx';
import { UsageTable } from './usage-table.tsx';
import { TaskWords } from './task-words.tsx';
import { Page } from '../ui/page.tsx';
import { Ago, costText } from '../ui/time.tsx';
import { useMainloop } from '../state/context.tsx';
import { plansOf, turnOf } from '../state/selectors.ts';

/** What is known of the task that the address names. */
type Lookup =
  | { is: 'loading' }
  | { is: 'found'; details: TaskDetails }
  | { is: 'missing' }
  /** Nothing answered, or not as it should: whether there is such a task is not known. */
  | { is: 'away' };

async function lookUp(id: string): Promise<Lookup> {
  try {
    const answer = await fetch(`/api/tasks/${encodeURIComponent(id)}`);
    if (answer.ok) return { is: 'found', details: TaskDetails.parse(await answer.json()) };
    return answer.status === 404 ? { is: 'missing' } : { is: 'away' };
  } catch {
    return { is: 'away' };
  }
}

const Changes = later(async () => (await import('../changes/changes.tsx')).ChangesTab);

const BACK = { href: '/tasks', label: 'Back to the tasks' };

const TAB =
  'min-h-11 px-4 text-sm font-medium text-soft border-b-2 border-transparent data-selected:border-accent data-selected:text-text';

function Head(props: { task: TaskSummary }) {
  usePlace(() => ({ title: props.task.title, back: BACK }));
  const { act, ask, hold, state } = useMainloop();
  const cancel = (close: boolean) => {
    const command = { do: 'cancel', close } as const;
    hold({ type: 'task', taskId: props.task.id, command }, `Cancelling ${props.task.title}`);
  };
  const can = () => STATUS[props.task.status];
  return (
    <header class="mb-4">
      <div class="flex flex-wrap items-baseline justify-between gap-x-4 gap-y-1">
        <Status status={props.task.status} />
      </div>
      <p class="mt-1 text-sm text-soft [overflow-wrap:anywhere]">
        {props.task.repository} · <code class="text-xs">{props.task.branch}</code> ·{' '}
        {props.task.model} · {taskSpan(props.task)} · {costText(props.task.usage.cost)}
      </p>
      <Turn task={props.task} />
      <Show when={props.task.note}>
        {(note) => (
          <p class={`mt-2 text-sm ${props.task.status === 'Failed' ? 'text-bad' : 'text-soft'}`}>
            {note()}
          </p>
        )}
      </Show>
      <div class="mt-3 flex flex-wrap gap-2 empty:hidden">
        <Show when={props.task.pullRequest}>
          {(pullRequest) => (
            <a
              class="button button-main"
              href={pullRequest().url}
              target="_blank"
              rel="noopener noreferrer"
            >
              Pull request
            </a>
          )}
        </Show>
        <Show when={props.task.issue}>
          {(issue) => (
            <a class="button" href={issue().url} target="_blank" rel="noopener noreferrer">
              Issue #{issue().number}
            </a>
          )}
        </Show>
        <Show when={can().canRetry}>
          <button
            type="button"
            class="button"
            onClick={() => ask(props.task.id, { do: 'retry', from: 'checkpoint' })}
          >
            Retry
          </button>
          <button
            type="button"
            class="button"
            onClick={() => ask(props.task.id, { do: 'retry', from: 'scratch' })}
          >
            Retry from scratch
          </button>
        </Show>
        <Show when={turnOf(state, props.task.id)}>
          {(turn) => (
            <Show when={turn().position > 1}>
              <button
                type="button"
                class="button"
                onClick={() => act({ type: 'move_task', taskId: props.task.id, position: 1 })}
              >
                Move to the front
              </button>
            </Show>
          )}
        </Show>
        <Show when={can().canInterrupt}>
          <button
            type="button"
            class="button"
            onClick={() => ask(props.task.id, { do: 'interrupt' })}
          >
            Interrupt
          </button>
        </Show>
        <NeedLink task={props.task} class="button button-main" />
        <Show when={!can().isEnded}>
          <button type="button" class="button" onClick={() => cancel(false)}>
            Cancel task
          </button>
          <Show when={props.task.pullRequest ?? props.task.issue}>
            <button type="button" class="button" onClick={() => cancel(true)}>
              Cancel and close {props.task.pullRequest === null ? 'its issue' : 'its pull request'}
            </button>
          </Show>
        </Show>
        <label class="ml-auto flex items-center gap-2 text-sm text-soft">
          Model for the next turn
          <select
            class="field w-auto py-1.5 text-sm"
            onChange={(event) => {
              const model = WorkerModel.safeParse(event.currentTarget.value);
              if (!model.success) return;
              ask(props.task.id, { do: 'set_model', model: model.data });
            }}
          >
            <For each={WorkerModel.options}>
              {(model) => (
                <option value={model} selected={model === props.task.model}>
                  {model}
                </option>
              )}
            </For>
          </select>
        </label>
      </div>
    </header>
  );
}

/** One task: what it is doing, what it cost, a word to it. */
export default function TaskPage() {
  const { state } = useMainloop();
  const params = useParams<{ id: string }>();
  // Signals and no resource: a resource would keep the whole page back until the answer is there.
  const [lookup, setLookup] = createSignal<Lookup>({ is: 'loading' });
  const look = async (id: string) => {
    setLookup({ is: 'loading' });
    const found = await lookUp(id);
    if (params.id === id) setLookup(found);
  };
  createEffect(() => void look(params.id));
  // What could not be had while the line was down is there when it is up again.
  createEffect(() => {
    if (state.connection === 'Online' && untrack(lookup).is === 'away') void look(params.id);
  });
  const details = () => {
    const known = lookup();
    return known.is === 'found' ? known.details : null;
  };
  const [query, setQuery] = useSearchParams<{ tab?: string }>();
  const tab = () => query.tab ?? 'activity';
  const setTab = (name: string) => setQuery({ tab: name === 'activity' ? null : name });
  const task = () => state.tasks[params.id] ?? details()?.task;
  const plans = createMemo(() => plansOf(state, params.id));
  return (
    <Switch>
      <Match when={task()}>
        {(line) => (
          <div class="flex min-h-0 flex-1 flex-col">
            <div class="relative min-h-0 flex-1 overflow-y-auto">
              <div
                class="mx-auto w-full px-4 py-6"
                classList={{ 'max-w-3xl': tab() !== 'changes', 'max-w-7xl': tab() === 'changes' }}
              >
                <Head task={line()} />
                <Show when={details()}>
                  {(known) => (
                    <details class="mb-4 text-sm">
                      <summary class="min-h-6 text-soft">What was asked</summary>
                      <p class="mt-1 whitespace-pre-wrap [overflow-wrap:anywhere]">
                        {known().prompt}
                      </p>
                    </details>
                  )}
                </Show>
                <RefusedHosts task={line()} />
                <Tabs value={tab()} onChange={setTab}>
                  <Tabs.List class="mb-3 flex border-b border-line" aria-label="Task">
                    <Tabs.Trigger value="activity" class={TAB}>
                      Activity
                    </Tabs.Trigger>
                    <Tabs.Trigger value="changes" class={TAB}>
                      Changes
                    </Tabs.Trigger>
                    <Show when={plans().length > 0}>
                      <Tabs.Trigger value="plan" class={TAB}>
                        Plan
                      </Tabs.Trigger>
                    </Show>
                    <Tabs.Trigger value="usage" class={TAB}>
                      Usage
                    </Tabs.Trigger>
                  </Tabs.List>
                  <Tabs.Content value="activity">
                    <Show when={params.id} keyed>
                      {(id) => <Activity taskId={id} />}
                    </Show>
                  </Tabs.Content>
                  <Tabs.Content value="changes">
                    <Show when={params.id} keyed>
                      {(_id) => <Changes task={line()} />}
                    </Show>
                  </Tabs.Content>
                  <Tabs.Content value="plan">
                    <For each={plans()}>
                      {(item) => (
                        <section class="mb-6" aria-label={`Plan ${item.plan.round}`}>
                          <h2 class="text-sm font-semibold text-soft">
                            Plan {item.plan.round} · {item.outcome?.text ?? 'Waits for approval'} ·{' '}
                            <Ago at={item.outcome?.at ?? item.at} />
                          </h2>
                          <PlanText text={item.plan.text} />
                        </section>
                      )}
                    </For>
                  </Tabs.Content>
                  <Tabs.Content value="usage">
                    <UsageTable task={line()} />
                  </Tabs.Content>
                </Tabs>
              </div>
            </div>
            <TaskWords task={line()} />
          </div>
        )}
      </Match>
      <Match when={lookup().is === 'loading'}>
        <p class="p-6 text-soft">Loading …</p>
      </Match>
      <Match when={lookup().is === 'away'}>
        <Page title="This task cannot be shown now" back={BACK}>
          <p class="mb-4 text-soft">
            Mainloop does not answer. It is asked again when the connection is back.
          </p>
          <button type="button" class="button" onClick={() => void look(params.id)}>
            Try again now
          </button>
        </Page>
      </Match>
      <Match when={true}>
        <Page title="There is no such task" back={BACK}>
          <A href="/tasks" class="button">
            All tasks
          </A>
        </Page>
      </Match>
    </Switch>
  );
}
