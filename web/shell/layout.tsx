import { A, useLocation } from '@solidjs/router';
import { For, type ParentProps, Show, Suspense, createEffect, createMemo } from 'solid-js';
import { useMainloop } from '../state/context.tsx';
import { inboxName, openItems, tasksOf } from '../state/selectors.ts';
import { NotKnownYet } from '../ui/not-known-yet.tsx';
import { Icon, type IconName } from '../ui/icons.tsx';
import { InboxCard } from '../inbox/inbox-item.tsx';
import { TaskCard } from '../tasks/task-card.tsx';
import { Undo } from './undo.tsx';
import { GROUP_WORDS } from '../tasks/status.tsx';
import { Ago } from '../ui/time.tsx';

function NavLink(props: {
  href: string;
  icon: IconName;
  label: string;
  name?: string;
  count?: number;
}) {
  return (
    <A
      href={props.href}
      end={props.href === '/'}
      aria-label={props.name ?? props.label}
      class="relative flex min-h-14 flex-1 flex-col items-center justify-center gap-0.5 rounded-xl text-xs font-medium desk:min-h-16 desk:w-20 desk:flex-none"
      activeClass="text-accent desk:bg-accent-soft"
      inactiveClass="text-soft hover:text-text"
    >
      <span class="relative">
        <Icon name={props.icon} class="size-6" />
        <Show when={props.count}>
          {/* Drawn, not written: the link's name says the number in words. */}
          <span
            data-count={props.count}
            class="absolute -top-1.5 left-3.5 min-w-5 rounded-full bg-accent-fill px-1 text-center text-[0.7rem] leading-5 font-semibold text-white before:content-[attr(data-count)]"
          />
        </Show>
      </span>
      <span>{props.label}</span>
    </A>
  );
}

/** Shown only when it is bad, with the age of what is on the screen; a screen reader may ask at any time. */
function Connection() {
  const { state } = useMainloop();
  const isBad = () => state.connection !== 'Online';
  return (
    <div class="flex items-center gap-1.5 text-xs text-soft" classList={{ 'sr-only': !isBad() }}>
      <span
        aria-hidden="true"
        class={`size-2 rounded-full ${state.connection === 'Offline' ? 'bg-bad' : 'bg-warn pulse'}`}
      />
      <p role="status">{state.connection}</p>
      <Show when={isBad() && state.asOf}>
        {(at) => (
          <p>
            · as of <Ago at={at()} />
          </p>
        )}
      </Show>
    </div>
  );
}

/** What needs the person and what is going on, beside every place on a wide screen. */
function Aside() {
  const { state } = useMainloop();
  const needs = createMemo(() => openItems(state));
  const groups = createMemo(() =>
    (['working', 'in_review'] as const).map((name) => ({
      name: GROUP_WORDS[name],
      tasks: tasksOf(state, name),
    })),
  );
  return (
    <aside
      aria-label="At a glance"
      class="relative hidden w-96 shrink-0 flex-col gap-6 overflow-y-auto border-l border-line bg-sunken p-5 wide:flex"
    >
      <section>
        <h2 class="mb-2 flex items-baseline gap-2 text-sm font-semibold">
          Needs you <span class="text-soft">{needs().length || ''}</span>
        </h2>
        <div class="flex flex-col gap-2.5">
          <For
            each={needs()}
            fallback={
              <Show when={state.shown !== 'nothing'} fallback={<NotKnownYet />}>
                <p class="text-sm text-soft">Nothing right now.</p>
              </Show>
            }
          >
            {(item) => <InboxCard item={item} compact />}
          </For>
        </div>
      </section>
      <For each={groups()}>
        {(group) => (
          <Show when={group.tasks.length > 0}>
            <section>
              <h2 class="mb-2 flex items-baseline gap-2 text-sm font-semibold">
                {group.name} <span class="text-soft">{group.tasks.length}</span>
              </h2>
              <div class="flex flex-col gap-2.5">
                <For each={group.tasks}>{(task) => <TaskCard task={task} />}</For>
              </div>
            </section>
          </Show>
        )}
      </For>
    </aside>
  );
}

function Refusals() {
  const { state, takeRefusal } = useMainloop();
  return (
    <For each={state.refusals}>
      {(refusal, index) => (
        <Show when={refusal.command?.type !== 'send'}>
          <div
            role="alert"
            class="flex items-center gap-3 border-b border-line bg-accent-soft px-4 py-2 text-sm"
          >
            <p class="flex-1">{refusal.text}</p>
            <button type="button" class="button" onClick={() => takeRefusal(index())}>
              Close
            </button>
          </div>
        </Show>
      )}
    </For>
  );
}

/** The frame around every place: where one is, what needs one, whether the line is up. */
export function Layout(props: ParentProps) {
  const { state, reload } = useMainloop();
  const location = useLocation();
  const count = createMemo(() => openItems(state).length);
  createEffect(() => {
    document.title = count() > 0 ? `(${count()}) Mainloop` : 'Mainloop';
  });
  return (
    <div class="flex h-dvh flex-col desk:flex-row">
      <nav
        aria-label="Main"
        class="order-last flex shrink-0 gap-1 border-t border-line bg-raised px-2 pb-[env(safe-area-inset-bottom)] desk:order-first desk:flex-col desk:border-t-0 desk:border-r desk:px-2 desk:py-4"
      >
        <NavLink href="/" icon="chat" label="Chat" />
        <NavLink
          href="/inbox"
          icon="inbox"
          label="Inbox"
          name={inboxName(count())}
          count={count()}
        />
        <NavLink href="/tasks" icon="tasks" label="Tasks" />
        <NavLink href="/settings" icon="settings" label="Settings" />
      </nav>
      <div class="flex min-h-0 min-w-0 flex-1 flex-col">
        <header class="flex h-12 shrink-0 items-center justify-between border-b border-line bg-raised px-4 pt-[env(safe-area-inset-top)]">
          <A href="/" class="text-base font-bold tracking-tight">
            Mainloop
          </A>
          <Connection />
        </header>
        <Show when={state.signedOut}>
          <div
            role="alert"
            class="flex items-center gap-3 border-b border-line bg-accent-soft px-4 py-2 text-sm"
          >
            <p class="flex-1">Your sign-in has ended. What you wrote is kept.</p>
            <a
              class="button button-main"
              href={`/api/sign-in?to=${encodeURIComponent(location.pathname + location.search)}`}
              target="_self"
              rel="external"
            >
              Sign in again
            </a>
          </div>
        </Show>
        <Show when={state.outdated}>
          <div class="flex items-center gap-3 border-b border-line bg-accent-soft px-4 py-2 text-sm">
            <p class="flex-1">A newer version of this page is ready.</p>
            <button type="button" class="button" onClick={reload}>
              Reload
            </button>
          </div>
        </Show>
        <Refusals />
        <div class="flex min-h-0 flex-1">
          <main class="flex min-h-0 min-w-0 flex-1 flex-col">
            <Suspense>{props.children}</Suspense>
          </main>
          <Aside />
        </div>
        <Undo />
      </div>
    </div>
  );
}
