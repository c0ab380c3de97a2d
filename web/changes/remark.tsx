import { createSignal, onMount } from 'solid-js';
import { draftOf, keepDraft } from '../ui/draft.ts';

/** A place to say something about a line. Escape closes it; what was written stays until it is sent. */
export function Remark(props: {
  draft: string;
  onSend: (text: string) => void;
  onCancel: () => void;
}) {
  const [text, setText] = createSignal(draftOf(props.draft));
  let field: HTMLTextAreaElement | undefined;
  onMount(() => field?.focus());
  const send = () => {
    if (text().trim() === '') return;
    keepDraft(props.draft, '');
    props.onSend(text());
  };
  return (
    <form
      class="border-y border-line bg-raised p-3 font-sans whitespace-normal"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
      onKeyDown={(event) => {
        if (event.key === 'Escape') props.onCancel();
        if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) send();
      }}
    >
      <textarea
        ref={field}
        rows="2"
        dir="auto"
        aria-label="What about this line?"
        placeholder="What about this line?"
        class="field"
        value={text()}
        onInput={(event) => {
          setText(event.currentTarget.value);
          keepDraft(props.draft, text());
        }}
      />
      <div class="mt-2 flex gap-2">
        <button type="submit" class="button button-main" disabled={text().trim() === ''}>
          Send to the task
        </button>
        <button type="button" class="button" onClick={() => props.onCancel()}>
          Cancel
        </button>
      </div>
    </form>
  );
}
