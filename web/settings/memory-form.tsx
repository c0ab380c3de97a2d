import { For, createSignal } from 'solid-js';
import { ulid } from 'ulid';
import { useMainloop } from '../state/context.tsx';
import { Icon } from '../ui/icons.tsx';

/** What is remembered, for all repositories or for one: to be added to, changed and taken away. */
export function MemoryForm() {
  const { act, state } = useMainloop();
  const [text, setText] = createSignal('');
  const [repository, setRepository] = createSignal('');
  return (
    <>
      <ul class="divide-y divide-line">
        <For
          each={state.settings.memory}
          fallback={
            <li class="py-2 text-sm text-soft">
              Nothing yet. Say “remember that …” in the chat, or write it here.
            </li>
          }
        >
          {(note) => (
            <li class="flex items-center gap-2 py-1.5">
              <input
                type="text"
                aria-label={`Note${note.repository === null ? '' : ` for ${note.repository}`}`}
                class="field min-h-11 flex-1 py-1.5 text-sm"
                value={note.text}
                onChange={(event) => {
                  const changed = event.currentTarget.value.trim();
                  if (changed === '') {
                    event.currentTarget.value = note.text;
                    return;
                  }
                  const { id, repository: of } = note;
                  act({
                    type: 'change_settings',
                    change: { is: 'remember', note: { id, text: changed, repository: of } },
                  });
                }}
              />
              <span class="hidden text-xs text-soft sm:inline">
                {note.repository ?? 'everywhere'}
              </span>
              <button
                type="button"
                class="button size-11 shrink-0 px-0"
                aria-label={`Forget: ${note.text}`}
                onClick={() =>
                  act({ type: 'change_settings', change: { is: 'forget', noteId: note.id } })
                }
              >
                <Icon name="cross" class="size-4" />
              </button>
            </li>
          )}
        </For>
      </ul>
      <form
        class="mt-2 flex flex-wrap gap-2"
        onSubmit={(event) => {
          event.preventDefault();
          if (text().trim() === '') return;
          act({
            type: 'change_settings',
            change: {
              is: 'remember',
              note: { id: ulid(), text: text().trim(), repository: repository() || null },
            },
          });
          setText('');
        }}
      >
        <input
          type="text"
          aria-label="New note"
          maxlength="500"
          placeholder="We target the release branch"
          class="field min-h-11 min-w-48 flex-1 py-1.5 text-sm"
          value={text()}
          onInput={(event) => setText(event.currentTarget.value)}
        />
        <select
          aria-label="Where it holds"
          class="field w-auto py-1.5 text-sm"
          onChange={(event) => setRepository(event.currentTarget.value)}
        >
          <option value="">Everywhere</option>
          <For each={state.repositories}>{({ name }) => <option value={name}>{name}</option>}</For>
        </select>
        <button type="submit" class="button">
          Remember
        </button>
      </form>
    </>
  );
}
