import { A, useLocation } from '@solidjs/router';
import { For, type ParentProps, Show, Suspense, createEffect, createMemo } from 'solid-js';
import { useMainloop } from '../state/context.tsx';
import { inboxName, openItems, tasksOf } from '../state/selectors.ts';
import { NotKnownYet } from '../ui/not-known-yet.tsx';
import { Icon, type IconName } from '../ui/icons.tsx';
import { later } from '../ui/later.tsx';
import { INBOX_ICONS, kindWords } from '../inbox/kinds.ts';
import { taskSpan } from '../tasks/task-card.tsx';
import { Keys } from './keys.tsx';
import { PaletteButton, PaletteKey } from './palette-key.tsx';
import { place } from '../ui/place.ts';
import { Told } from './told.tsx';
import { Undo } from './undo.tsx';
import { GROUP_WORDS, STATUS_ICONS } from '../tasks/status.tsx';
import { Ago } from '../ui/time.tsx';

const Refusals = later(
  async () => (await import('./refusals.tsx')).Refusals,
  () => null,
);

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
      class="relative flex min-h-14 flex-1 flex-col items-center justify-center gap-0.5 rounded-xl text-xs font-medium low:min-h-11 desk:min-h-16 desk:w-20 desk:flex-none"
      activeClass="text-accent desk:bg-accent-soft forced-colors:outline-2 forced-colors:-outline-offset-2"
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
      <span class="low:sr-only">{props.label}</span>
    </A>
  );
}

/** Places whose head leads to the search. */
const SEARCHED_FROM = /^\/(?:inbox(?:\/.*)?|tasks)?$/;

/** Shown only when it is bad, with the age of what is on the screen; a screen reader may ask at any time. */
function Connection() {
  const { state } = useMainloop();
  const isBad = () => state.connection !== 'Online';
  return (
    <div class="flex items-center gap-1.5 text-xs text-soft" classList={{ 'sr-only': !isBad() }}>
      <span
        aria-hidden="true"
        class={`size-2 rounded-full border border-transparent ${state.connection === 'Offline' ? 'bg-bad' : 'bg-warn pulse'}`}
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

/** One line of the side panel, with the one thing to do about it: open it. */
function Glance(props: { href: string; title: string; icon: IconName; note: string }) {
  return (
    <A
      href={props.href}
      class="flex min-h-11 items-center gap-2.5 rounded-lg px-2 text-sm hover:bg-raised"
    >
      <Icon name={props.icon} class="size-4 shrink-0 text-soft" />
      <span class="min-w-0 flex-1 truncate" dir="auto">
        {props.title}
      </span>
      <span class="shrink-0 text-xs text-soft">{props.note}</span>
    </A>
  );
}

/** What needs the person and what is going on, beside the conversation on a wide screen. */
function Aside() {
  const { state } = useMainloop();
  const needs = createMemo(() => openItems(state));
  const groups = createMemo(() => {
    // What needs the person stands above already.
    const named = new Set(needs().map(({ taskId }) => taskId));
    return (['working', 'in_review'] as const).map((name) => ({
      name: GROUP_WORDS[name],
      tasks: tasksOf(state, name).filter(({ id }) => !named.has(id)),
    }));
  });
  return (
    <aside
      aria-label="At a glance"
      class="relative hidden w-80 shrink-0 flex-col xl:w-96 gap-5 overflow-y-auto border-l border-line bg-sunken p-4 wide:flex"
    >
      <section>
        <h2 class="mb-1 flex items-baseline gap-2 px-2 text-sm font-semibold">
          Needs you <span class="text-soft">{needs().length || ''}</span>
        </h2>
        <For
          each={needs()}
          fallback={
            <Show when={state.shown !== 'nothing'} fallback={<NotKnownYet />}>
              <p class="px-2 text-sm text-soft">Nothing right now.</p>
            </Show>
          }
        >
          {(item) => (
            <Glance
              href={`/inbox/${item.id}`}
              title={item.title}
              icon={INBOX_ICONS[item.kind]}
              note={kindWords(item)}
            />
          )}
        </For>
      </section>
      <For each={groups()}>
        {(group) => (
          <Show when={group.tasks.length > 0}>
            <section>
              <h2 class="mb-1 flex items-baseline gap-2 px-2 text-sm font-semibold">
                {group.name} <span class="text-soft">{group.tasks.length}</span>
              </h2>
              <For each={group.tasks}>
                {(task) => (
                  <Glance
                    href={`/tasks/${task.id}`}
                    title={task.title}
                    icon={STATUS_ICONS[task.status]}
                    note={taskSpan(task)}
                  />
                )}
              </For>
            </section>
          </Show>
        )}
      </For>
    </aside>
  );
}

/** The frame around every place: where one is, what needs one, whether the line is up. */
export function Layout(props: ParentProps) {
  const { state, reload } = useMainloop();
  const location = useLocation();
  const count = createMemo(() => openItems(state).length);
  createEffect(() => {
    const { title } = place();
    const named = title === 'Mainloop' ? title : `${title} · Mainloop`;
    document.title = count() > 0 ? `(${count()}) ${named}` : named;
  });
  return (
    <div class="flex h-dvh flex-col low:flex-row desk:flex-row">
      <button
        type="button"
        class="button absolute top-1 left-1 z-20 -translate-y-16 focus:translate-y-0"
        onClick={() => {
          const field =
            document.querySelector('main textarea') ??
            document.querySelector('main [tabindex], main a, main button');
          if (field instanceof HTMLElement) field.focus();
        }}
      >
        Skip to what is here
      </button>
      <nav
        aria-label="Main"
        class="order-last flex shrink-0 gap-1 border-t border-line bg-raised px-2 pb-[env(safe-area-inset-bottom)] low:order-first low:w-12 low:flex-col low:overflow-y-auto low:border-t-0 low:border-r low:px-0 low:py-1 desk:order-first desk:flex-col desk:border-t-0 desk:border-r desk:px-2 desk:py-4"
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
        <PaletteButton />
      </nav>
      <div class="flex min-h-0 min-w-0 flex-1 flex-col">
        <header class="flex min-h-12 shrink-0 items-center gap-3 border-b low:min-h-11 border-line bg-raised px-4 pt-[env(safe-area-inset-top)]">
          <Show when={place().back}>
            {(back) => (
              <A
                href={back().href}
                aria-label={back().label}
                class="-ml-3 flex size-11 shrink-0 items-center justify-center text-accent"
              >
                <Icon name="back" />
              </A>
            )}
          </Show>
          <h1
            tabindex="-1"
            dir="auto"
            class="line-clamp-2 min-w-0 flex-1 py-1.5 text-lg leading-snug font-semibold low:line-clamp-1 low:text-base"
          >
            {place().title}
          </h1>
          <Connection />
          <Show when={SEARCHED_FROM.test(location.pathname)}>
            <A
              href="/search"
              aria-label="Search"
              class="-mr-3 flex size-11 shrink-0 items-center justify-center text-soft hover:text-text"
            >
              <Icon name="search" />
            </A>
          </Show>
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
        <Show when={state.refusals.length > 0}>
          <Refusals />
        </Show>
        <div class="flex min-h-0 flex-1">
          <main class="flex min-h-0 min-w-0 flex-1 flex-col">
            <Suspense>{props.children}</Suspense>
          </main>
          <Show when={location.pathname === '/'}>
            <Aside />
          </Show>
        </div>
        <Undo />
        <Keys />
        <Told />
        <PaletteKey />
      </div>
    </div>
  );
}
