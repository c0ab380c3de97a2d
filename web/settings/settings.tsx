import { A, useParams } from '@solidjs/router';
import { type Component, For, Show, createEffect, createSignal } from 'solid-js';
import { Dynamic } from 'solid-js/web';
import { useMainloop } from '../state/context.tsx';
import { Icon } from '../ui/icons.tsx';
import { later } from '../ui/later.tsx';
import { NotKnownYet } from '../ui/not-known-yet.tsx';
import { usePlace } from '../ui/place.ts';
import { Account } from './account.tsx';
import { Appearance } from './appearance.tsx';
import { LimitsForm } from './limits-form.tsx';
import { Models } from './models.tsx';
import { Notifications } from './notifications.tsx';
import { Remembered } from './remembered.tsx';
import { Repositories } from './repositories.tsx';
import { SECTIONS, type SectionName, sectionOf } from './sections.ts';

/** What each section shows; `isOwn` where that needs nothing that the server has set. */
const PARTS: Record<SectionName, { part: Component; isOwn: boolean }> = {
  models: { part: Models, isOwn: false },
  budgets: { part: LimitsForm, isOwn: false },
  notifications: { part: Notifications, isOwn: false },
  repositories: { part: Repositories, isOwn: false },
  memory: { part: Remembered, isOwn: false },
  usage: { part: later(async () => (await import('./usage.tsx')).Usage), isOwn: false },
  appearance: { part: Appearance, isOwn: true },
  connections: {
    part: later(async () => (await import('./connections.tsx')).Connections),
    isOwn: true,
  },
  account: { part: Account, isOwn: false },
};

const BACK = { href: '/settings', label: 'Back to the settings' };

/** As wide as the list and a section beside each other. */
const desk = matchMedia('(width >= 48rem)');
const [isDesk, setDesk] = createSignal(desk.matches);
desk.addEventListener('change', ({ matches }) => setDesk(matches));

/** A list of what can be set, and one section of it: under each other's address on a phone, beside each other at a desk. */
export default function Settings() {
  const { state } = useMainloop();
  const params = useParams<{ section?: string }>();
  const asked = () => sectionOf(params.section);
  // At a desk the room beside the list is not left empty.
  const section = () => asked() ?? (isDesk() ? SECTIONS[0] : null);
  usePlace(() => ({
    // At a desk the section has its title beside the list.
    title: isDesk() ? 'Settings' : (asked()?.title ?? 'Settings'),
    back: asked() !== null && !isDesk() ? BACK : null,
  }));
  let part: HTMLElement | undefined;
  createEffect(() => {
    if (section() !== null) part?.scrollTo(0, 0);
  });
  return (
    <div class="mx-auto flex min-h-0 w-full max-w-5xl flex-1">
      <Show when={isDesk() || section() === null}>
        <nav
          aria-label="Settings"
          class="min-h-0 w-full shrink-0 overflow-y-auto p-2 desk:w-72 desk:border-r desk:border-line desk:py-4"
        >
          <ul>
            <For each={SECTIONS}>
              {({ name, title, about }) => (
                <li>
                  <A
                    href={`/settings/${name}`}
                    aria-current={section()?.name === name ? 'page' : undefined}
                    class="flex min-h-14 items-center gap-2 rounded-lg px-3 py-1.5 hover:bg-sunken aria-[current=page]:bg-accent-soft"
                  >
                    <span class="min-w-0 flex-1">
                      <span class="block font-medium">{title}</span>
                      <span class="block truncate text-[0.8125rem] text-soft">{about}</span>
                    </span>
                    <Icon name="right_small" class="size-4 shrink-0 text-soft desk:hidden" />
                  </A>
                </li>
              )}
            </For>
          </ul>
        </nav>
      </Show>
      <Show when={section()} keyed>
        {(shown) => (
          <section
            ref={part}
            aria-label={shown.title}
            class="relative min-h-0 min-w-0 flex-1 overflow-y-auto px-4 py-4"
          >
            <div class="max-w-3xl">
              <h2 class="sr-only font-semibold desk:not-sr-only desk:mb-3">{shown.title}</h2>
              {/* What is set is not known before: what stood here would be saved over it. */}
              <Show
                when={PARTS[shown.name].isOwn || state.shown !== 'nothing'}
                fallback={<NotKnownYet />}
              >
                <Dynamic component={PARTS[shown.name].part} />
              </Show>
            </div>
          </section>
        )}
      </Show>
    </div>
  );
}
