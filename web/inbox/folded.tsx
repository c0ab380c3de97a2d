import { Show, createSignal } from 'solid-js';
import { Markdown } from '../ui/markdown.tsx';

/** A text longer than this is folded at first. */
const FOLD_CHARS = 900;

/** A worker's text under a heading of its own; a long one is folded until it is wanted. */
export function Folded(props: { text: string; heading: string; more: string }) {
  const [whole, setWhole] = createSignal(false);
  const folded = () => props.text.length > FOLD_CHARS && !whole();
  return (
    <>
      <h3 class="sr-only">{props.heading}</h3>
      <div
        class="prose mt-2.5 text-sm [overflow-wrap:anywhere]"
        classList={{ 'max-h-64 overflow-hidden mask-b-from-60%': folded() }}
      >
        <Markdown text={props.text} under={3} />
      </div>
      <Show when={folded()}>
        <button type="button" class="button mt-1 self-start" onClick={() => setWhole(true)}>
          {props.more}
        </button>
      </Show>
    </>
  );
}
