import { type JSX, Show, createEffect, createSignal, on } from 'solid-js';
import { draftOf, keepDraft } from './draft.ts';
import { Icon } from './icons.tsx';

/** The box, for what stands in it beside the text. */
export type Box = {
  text(): string;
  write(text: string): void;
  focus(): void;
};

/** A place to write: Enter sends, Shift+Enter breaks the line. The draft outlives the page. */
export function Composer(props: {
  label: string;
  placeholder: string;
  /** Name under which the draft is kept. */
  draft: string;
  onSend(text: string): void;
  onStop?: (() => void) | undefined;
  /** Text to put in, for something that was not sent. */
  restored?: { text: string } | null;
  /** True where there is something to send besides the text. */
  hasMore?: boolean;
  /** Files were pasted or dropped here. */
  onFiles?(files: File[]): void;
  /** Stands above the text. */
  above?: JSX.Element;
  /** Stands before it. */
  before?: JSX.Element;
  /** Stands at its end, inside the field. */
  inside?: ((box: Box) => JSX.Element) | undefined;
}) {
  const [text, setText] = createSignal(draftOf(props.draft));
  const [isOver, setIsOver] = createSignal(false);
  let field: HTMLTextAreaElement | undefined;

  createEffect(
    on(
      () => props.restored,
      (restored) => {
        if (restored == null || restored.text === '') return;
        setText((before) => (before === '' ? restored.text : `${before}\n${restored.text}`));
      },
    ),
  );
  // Each place has its own: what was written in one is not taken along to the next.
  createEffect(
    on(
      () => props.draft,
      (draft) => setText(draftOf(draft)),
      { defer: true },
    ),
  );
  createEffect(
    on(text, (kept) => {
      keepDraft(props.draft, kept);
      if (field === undefined) return;
      field.style.height = 'auto';
      field.style.height = `${Math.min(field.scrollHeight, 200)}px`;
    }),
  );

  const canSend = () => text().trim() !== '' || props.hasMore === true;
  const send = () => {
    if (!canSend()) return;
    props.onSend(text());
    setText('');
    field?.focus();
  };
  const filesIn = (data: DataTransfer | null) => [...(data?.files ?? [])];
  /** A table or a page's text brings a picture of itself along: then the words are what is meant. */
  const isFormatted = (data: DataTransfer | null) =>
    data?.getData('text/plain') !== '' &&
    data?.types.some((type) => /^text\/(?:html|rtf)$/.test(type));
  const box: Box = { text, write: setText, focus: () => field?.focus() };

  return (
    <form
      class="relative rounded-xl"
      classList={{ 'outline-2 outline-offset-4 outline-accent': isOver() }}
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
      onDragOver={(event) => {
        if (props.onFiles === undefined) return;
        if (event.dataTransfer?.types.includes('Files') !== true) return;
        event.preventDefault();
        setIsOver(true);
      }}
      onDragLeave={() => setIsOver(false)}
      onDrop={(event) => {
        setIsOver(false);
        const files = filesIn(event.dataTransfer);
        if (files.length === 0 || props.onFiles === undefined) return;
        event.preventDefault();
        props.onFiles(files);
      }}
    >
      {props.above}
      <div class="flex items-end gap-2 max-[20rem]:flex-wrap">
        {props.before}
        {/* Where letters are large, what is written has the whole width, and buttons stand below it. */}
        <div class="relative flex min-w-0 flex-1 max-[20rem]:order-first max-[20rem]:basis-full">
          <textarea
            ref={field}
            rows="1"
            dir="auto"
            aria-label={props.label}
            placeholder={props.placeholder}
            class="field max-h-52 min-h-12 flex-1 resize-none"
            classList={{ 'pe-12': props.inside !== undefined }}
            value={text()}
            onInput={(event) => setText(event.currentTarget.value)}
            onPaste={(event) => {
              const files = filesIn(event.clipboardData);
              if (files.length === 0 || props.onFiles === undefined) return;
              if (isFormatted(event.clipboardData)) return;
              event.preventDefault();
              props.onFiles(files);
            }}
            onKeyDown={(event) => {
              if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
                event.preventDefault();
                send();
              }
            }}
          />
          {props.inside?.(box)}
        </div>
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
          class="button button-main ms-auto size-12 shrink-0 px-0"
          disabled={!canSend()}
        >
          <Icon name="send" />
        </button>
      </div>
    </form>
  );
}
