import { type Component, type JSX, Show, createSignal } from 'solid-js';
import { Dynamic } from 'solid-js/web';
import { NotKnownYet } from './not-known-yet.tsx';

/**
 * A part of a page that is fetched when it is first shown. With signals and no resource: a pending
 * resource suspends the whole page, and takes away what is being typed in it.
 */
export function later<Props extends object>(
  fetchPart: () => Promise<Component<Props>>,
  meanwhile: () => JSX.Element = NotKnownYet,
): Component<Props> {
  const [part, setPart] = createSignal<Component<Props> | null>(null);
  let asked = false;
  return (props) => {
    if (!asked) {
      asked = true;
      void fetchPart().then((found) => setPart(() => found));
    }
    return (
      <Show when={part()} fallback={meanwhile()}>
        {(found) => <Dynamic component={found()} {...props} />}
      </Show>
    );
  };
}
