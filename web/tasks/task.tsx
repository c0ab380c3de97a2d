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
  on,
  untrack,
} from 'solid-js';
import { TaskDetails } from '../../protocol/pages.ts';
import { Activity } from './activity.tsx';
import { BACK, Head } from './head.tsx';
import { PlanText } from '../inbox/plan-text.tsx';
import { later } from '../ui/later.tsx';
import { UsageTable } from './usage-table.tsx';
import { TaskWords } from './task-words.tsx';
import { Icon } from '../ui/icons.tsx';
import { Page } from '../ui/page.tsx';
import { Ago } from '../ui/time.tsx';
import { useMainloop } from '../state/context.tsx';
import { plansOf } from '../state/selectors.ts';

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

const TAB =
  'min-h-11 px-4 text-sm font-medium text-soft border-b-2 border-transparent data-selected:border-accent data-selected:text-text';
/** What of the page scrolls. */
const PART = 'relative min-h-0 flex-1 overflow-y-auto';

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
  // Each change of its status is one more phase of it.
  createEffect(
    on(
      () => state.tasks[params.id]?.status,
      async () => {
        const id = params.id;
        const found = await lookUp(id);
        if (params.id === id && found.is === 'found') setLookup(found);
      },
      { defer: true },
    ),
  );
  // What could not be had while the line was down is there when it is up again.
  createEffect(() => {
    if (state.connection === 'Online' && untrack(lookup).is === 'away') void look(params.id);
  });
  const details = () => {
    const known = lookup();
    return known.is === 'found' ? known.details : null;
  };
  const [query, setQuery] = useSearchParams<{ tab?: string; line?: string }>();
  const [isFinding, setFinding] = createSignal(false);
  let findButton: HTMLButtonElement | undefined;
  /** The line of the activity that the address leads to. */
  const askedLine = () => (/^\d{1,9}$/.test(query.line ?? '') ? Number(query.line) : null);
  const tab = () => query.tab ?? 'activity';
  const setTab = (name: string) => setQuery({ tab: name === 'activity' ? null : name, line: null });
  const task = () => state.tasks[params.id] ?? details()?.task;
  const plans = createMemo(() => plansOf(state, params.id));
  return (
    <Switch>
      <Match when={task()}>
        {(line) => (
          // Its parts scroll, not the page; where there is no height for that, all of it does.
          <div class="flex min-h-0 flex-1 flex-col overflow-y-auto">
            <Head task={line()} details={details()} />
            <Tabs value={tab()} onChange={setTab} class="flex min-h-64 flex-1 flex-col">
              <div class="mx-auto flex w-full max-w-3xl shrink-0 border-b border-line px-2">
                <Tabs.List class="flex min-w-0 flex-1" aria-label="Task">
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
                <Show when={tab() === 'activity'}>
                  <button
                    ref={findButton}
                    type="button"
                    aria-label="Find in this activity"
                    aria-expanded={isFinding()}
                    class="flex size-11 shrink-0 items-center justify-center text-soft"
                    onClick={() => setFinding(!isFinding())}
                  >
                    <Icon name="find" />
                  </button>
                </Show>
              </div>
              <Tabs.Content value="activity" class="flex min-h-0 flex-1 flex-col">
                <Show when={params.id} keyed>
                  {(id) => (
                    <Activity
                      taskId={id}
                      status={line().status}
                      line={askedLine()}
                      isFinding={isFinding()}
                      onJump={(number) => setQuery({ line: number })}
                      onFindClose={() => {
                        setFinding(false);
                        findButton?.focus();
                      }}
                    />
                  )}
                </Show>
              </Tabs.Content>
              <Tabs.Content value="changes" class={PART}>
                {/* Two texts beside each other where there is room. */}
                <div class="mx-auto w-full max-w-7xl px-4 py-3">
                  <Show when={params.id} keyed>
                    {(_id) => <Changes task={line()} />}
                  </Show>
                </div>
              </Tabs.Content>
              <Tabs.Content value="plan" class={PART}>
                <div class="mx-auto w-full max-w-3xl px-4 py-3">
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
                </div>
              </Tabs.Content>
              <Tabs.Content value="usage" class={PART}>
                <div class="mx-auto w-full max-w-3xl px-4 py-3">
                  <UsageTable task={line()} />
                </div>
              </Tabs.Content>
            </Tabs>
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
