import { Show, createEffect, createSignal } from 'solid-js';
import { Icon } from './icons.tsx';

/** A place to write: Enter sends, Shift+Enter breaks the line. The draft outlives the page. */
export function Composer(props: {
  label: string;
  placeholder: string;
  /** Name under which the draft is kept. */
  draft: string;
  onSend(text: string): void;
  onStop?: (() => void) | undefined;
  /** Text to put in, for something that was not sent. */
  restored?: string;
}) {
  const key = () => `draft:${props.draft}`;
  const [text, setText] = createSignal(localStorage.getItem(key()) ?? '');
  let field: HTMLTextAreaElement | undefined;

  createEffect(() => {
    const restored = props.restored;
    if (restored) setText((before) => (before === '' ? restored : `${before}\n${restored}`));
  });
  createEffect(() => {
    const kept = text();
    if (kept === '') localStorage.removeItem(key());
    else {
      try {
        localStorage.setItem(key(), kept);
      } catch {
        // Too long to keep as a draft: it lives as long as the page.
      }
    }
    if (field !== undefined) {
      field.style.height = 'auto';
      field.style.height = `${Math.min(field.scrollHeight, 200)}px`;
    }
  });

  const send = () => {
    const written = text();
    if (written.trim() === '') return;
    props.onSend(written);
    setText('');
    field?.focus();
  };

  return (
    <form
      class="flex items-end gap-2"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <textarea
        ref={field}
        rows="1"
        aria-label={props.label}
        placeholder={props.placeholder}
        class="field max-h-52 min-h-12 resize-none"
        value={text()}
        onInput={(event) => setText(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
            event.preventDefault();
            send();
          }
        }}
      />
      <Show when={props.onStop}>
        {(stop) => (
          <button
            type="button"
            aria-label="Stop"
            class="button size-12 shrink-0 px-0"
            onClick={() => stop()()}
          >
            <Icon name="stop" />
          </button>
        )}
      </Show>
      <button
        type="submit"
        aria-label="Send"
        class="button button-main size-12 shrink-0 px-0"
        disabled={text().trim() === ''}
      >
        <Icon name="send" />
      </button>
    </form>
  );
}
