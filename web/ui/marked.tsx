import { For, createMemo } from 'solid-js';
import { piecesOf } from './words.ts';

/** A text with the words marked that were looked for. It stays text, whatever stands in it. */
export function Marked(props: { text: string; words: readonly string[] }) {
  const pieces = createMemo(() => piecesOf(props.text, props.words));
  return (
    <For each={pieces()}>
      {({ text, isFound }) =>
        isFound ? <mark class="rounded-sm bg-mark px-px text-text">{text}</mark> : text
      }
    </For>
  );
}
