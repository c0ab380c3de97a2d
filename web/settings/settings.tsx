import { A } from '@solidjs/router';
import { For, type ParentProps, Show } from 'solid-js';
import { LimitsForm } from './limits-form.tsx';
import { MemoryForm } from './memory-form.tsx';
import { Notifications } from './notifications.tsx';
import { NotKnownYet } from '../ui/not-known-yet.tsx';
import { Page } from '../ui/page.tsx';
import { chooseTheme, theme } from '../ui/theme.ts';
import { InstructionsField, RepositoryForm } from './repository-form.tsx';
import { useMainloop } from '../state/context.tsx';

const THEMES = [
  { value: '', label: 'System' },
  { value: 'light', label: 'Light' },
  { value: 'dark', label: 'Dark' },
] as const;

function Section(props: ParentProps<{ title: string }>) {
  return (
    <section
      id={props.title.toLowerCase().replaceAll(' ', '-')}
      tabindex="-1"
      class="card mb-4 px-4 py-4"
      aria-label={props.title}
    >
      <h2 class="mb-2 font-semibold">{props.title}</h2>
      {props.children}
    </section>
  );
}

function Appearance() {
  return (
    <fieldset class="flex flex-wrap gap-2">
      <legend class="sr-only">Appearance</legend>
      <For each={THEMES}>
        {({ value, label }) => (
          <label class="button has-checked:border-accent has-checked:text-accent">
            <input
              type="radio"
              name="theme"
              class="accent-accent-fill"
              checked={theme() === value}
              onChange={() => chooseTheme(value)}
            />
            {label}
          </label>
        )}
      </For>
    </fieldset>
  );
}

/** Who is here, what this installation reaches and may spend, what it keeps in mind, how it looks. */
export default function Settings() {
  const { act, state } = useMainloop();
  return (
    <Page title="Settings">
      {/* What is set is not known before: what stood here would be saved over it. */}
      <Show when={state.shown !== 'nothing'} fallback={<NotKnownYet />}>
        <Section title="Signed in">
          <p class="[overflow-wrap:anywhere]">{state.installation?.person}</p>
          <Show when={!location.hostname.match(/^(127\.0\.0\.1|localhost|\[::1\])$/)}>
            <a class="button mt-3" href="/cdn-cgi/access/logout" rel="external">
              Sign out
            </a>
          </Show>
        </Section>
        <Section title="Repositories">
          <ul class="divide-y divide-line">
            <For
              each={state.repositories}
              fallback={<li class="text-soft">None are known yet.</li>}
            >
              {(repository) => (
                <li class="py-2">
                  <a
                    class="font-medium text-accent hover:underline"
                    href={`${state.installation?.gitHost}/${repository.name}`}
                    target="_blank"
                    rel="noopener noreferrer"
                  >
                    {repository.name}
                  </a>
                  <p class="text-sm text-soft">
                    {repository.description ?? 'No description'} · {repository.defaultBranch}
                  </p>
                  <RepositoryForm repository={repository.name} />
                </li>
              )}
            </For>
          </ul>
        </Section>
        <Section title="Notifications">
          <Notifications />
        </Section>
        <Section title="Limits">
          <LimitsForm />
        </Section>
        <Section title="Instructions">
          <InstructionsField
            label="What the conversation and every worker should know"
            value={state.settings.instructions}
            onSave={(text) =>
              act({ type: 'change_settings', change: { is: 'instructions', text } })
            }
          />
        </Section>
        <Section title="Memory">
          <MemoryForm />
        </Section>
      </Show>
      <Section title="Appearance">
        <Appearance />
      </Section>
      <Section title="Connections">
        <dl class="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1 text-sm [overflow-wrap:anywhere]">
          <dt class="text-soft">Mainloop</dt>
          <dd>{state.connection}</dd>
          <dt class="text-soft">Git host</dt>
          <dd>{state.installation?.gitHost}</dd>
          <dt class="text-soft">Models</dt>
          <dd>{state.installation?.offlineModel ?? 'Anthropic API'}</dd>
        </dl>
        <A class="button mt-3" href="/health">
          Health of this installation
        </A>
      </Section>
    </Page>
  );
}
