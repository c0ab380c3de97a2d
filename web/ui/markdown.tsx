import { type JSX, Show, createSignal } from 'solid-js';
import { Dynamic } from 'solid-js/web';
import type { MarkdownBlocks } from './markdown-blocks.tsx';

const [renderer, setRenderer] = createSignal<typeof MarkdownBlocks | null>(null);
// A signal and no resource: a resource would suspend the page, and take what is being typed with it.
void import('./markdown-blocks.tsx').then((loaded) => setRenderer(() => loaded.MarkdownBlocks));

/**
 * Markdown, once its renderer is there; the plain text until then. `breaks`: a line that ends, ends.
 * `under`: level of the page's heading that it stands under.
 */
export function Markdown(props: {
  text: string;
  streaming?: boolean;
  breaks?: boolean;
  under: number;
}): JSX.Element {
  return (
    <Show when={renderer()} fallback={<p class="whitespace-pre-wrap">{props.text}</p>}>
      {(blocks) => (
        <Dynamic
          component={blocks()}
          text={props.text}
          streaming={props.streaming ?? false}
          breaks={props.breaks ?? false}
          under={props.under}
        />
      )}
    </Show>
  );
}
