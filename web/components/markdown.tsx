import { type JSX, Show, createMemo, createResource, lazy } from 'solid-js';
import type { MarkdownBlocks as Blocks } from './markdown-blocks.tsx';

const loaded = import('./markdown-blocks.tsx');
const MarkdownBlocks: typeof Blocks = lazy(async () => ({
  default: (await loaded).MarkdownBlocks,
}));

/** Markdown, once its renderer is there; the plain text until then. */
export function Markdown(props: { text: string; streaming?: boolean }): JSX.Element {
  const [ready] = createResource(() => loaded.then(() => true));
  const text = createMemo(() => props.text);
  return (
    <Show when={ready()} fallback={<p class="whitespace-pre-wrap">{text()}</p>}>
      <MarkdownBlocks text={text()} streaming={props.streaming ?? false} />
    </Show>
  );
}
