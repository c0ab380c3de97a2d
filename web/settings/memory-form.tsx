import { For, createSignal } from 'solid-js';
import { newId } from '../net/new-id.ts';
import { createSaving } from './saving.ts';
import { createTyped } from './typed.ts';
import { useMainloop } from '../state/context.tsx';
import { Icon } from '../ui/icons.tsx';

/** One of them: its text is kept when one leaves the field; an empty one is put back. */
function Note(props: { id: string; onSent(command: string): void }) {
  const { act, state } = useMainloop();
  const note = () => state.settings.memory.find(({ id }) => id === props.id);
  const typed = createTyped(() => note()?.text ?? '');
  const save = () => {
    const changed = typed
      .text()
      .trim()
      .replaceAll(/\s*\n\s*/g, ' ');
    const repository = note()?.repository ?? null;
    if (typed.isTyping() && changed !== '') {
      const change = { is: 'remember', note: { id: props.id, text: changed, repository } } as const;
      props.onSent(act({ type: 'change_settings', change }));
    }
    typed.done();
  };
  return (
    <li class="flex items-center gap-2 py-1.5">
      <textarea
        rows="1"
        aria-label={`Note${note()?.repository == null ? '' : ` for ${note()?.repository}`}`}
        maxlength="500"
        class="field field-sizing-content min-h-11 flex-1 resize-none py-2.5 text-sm"
        value={typed.text()}
        onInput={(event) => typed.type(event.currentTarget.value)}
        // As high as its text, which is still one line.
        onKeyDown={(event) => {
          if (event.key === 'Enter' && !event.isComposing) event.currentTarget.blur();
        }}
        onChange={save}
      />
      <span class="hidden text-xs text-soft sm:inline">{note()?.repository ?? 'everywhere'}</span>
      <button
        type="button"
        class="button size-11 shrink-0 px-0"
        aria-label={`Forget: ${note()?.text ?? ''}`}
        onClick={() =>
          props.onSent(act({ type: 'change_settings', change: { is: 'forget', noteId: props.id } }))
        }
      >
        <Icon name="cross" class="size-4" />
      </button>
    </li>
  );
}

/** What is remembered, for all repositories or for one: to be added to, changed and taken away. */
export function MemoryForm() {
  const { act, state } = useMainloop();
  const [text, setText] = createSignal('');
  const [repository, setRepository] = createSignal('');
  const saving = createSaving();
  return (
    <>
      <ul class="divide-y divide-line">
        {/* By their ids: a note that another device changes stays the field that is typed in. */}
        <For
          each={state.settings.memory.map(({ id }) => id)}
          fallback={
            <li class="py-2 text-sm text-soft">
              Nothing yet. Say “remember that …” in the chat, or write it here.
            </li>
          }
        >
          {(id) => <Note id={id} onSent={saving.sent} />}
        </For>
      </ul>
      <form
        class="mt-2 flex flex-wrap gap-2"
        onSubmit={(event) => {
          event.preventDefault();
          if (text().trim() === '') return;
          const note = { id: newId(), text: text().trim(), repository: repository() || null };
          saving.sent(act({ type: 'change_settings', change: { is: 'remember', note } }));
          setText('');
        }}
      >
        <input
          type="text"
          aria-label="New note"
          maxlength="500"
          placeholder="We target the release branch"
          class="field min-h-11 min-w-48 flex-1 basis-full py-1.5 text-sm sm:basis-48"
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
        <span role="status" class="flex items-center text-[0.8125rem] text-soft">
          {saving.words()}
        </span>
      </form>
    </>
  );
}
