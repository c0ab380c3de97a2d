import { onCleanup, onMount } from 'solid-js';

/** After the first key of two, the second one is waited for this long. */
const SECOND_WITHIN_MS = 1_500;

const WRITES = 'input, textarea, select, [contenteditable], [role=textbox]';

/** Keys one after the other, as `g i` or `?`, and what they do; true where the key was of use. */
export type KeyBindings = Record<string, () => void>;

type Pressed = Pick<
  KeyboardEvent,
  'key' | 'ctrlKey' | 'metaKey' | 'altKey' | 'defaultPrevented'
> & {
  /** Somebody writes: keys are letters then. */
  isWriting: boolean;
  at: number;
};

/** Reads keys by what came before them. */
export function createKeyReader(bindings: KeyBindings): (pressed: Pressed) => boolean {
  let first: { key: string; at: number } | null = null;
  return ({ key, ctrlKey, metaKey, altKey, defaultPrevented, isWriting, at }) => {
    const before = first;
    first = null;
    if (isWriting || ctrlKey || metaKey || altKey || defaultPrevented) return false;
    const pair =
      before !== null && at - before.at <= SECOND_WITHIN_MS ? `${before.key} ${key}` : '';
    const act = bindings[pair] ?? bindings[key];
    if (act !== undefined) {
      act();
      return true;
    }
    if (Object.keys(bindings).some((one) => one.startsWith(`${key} `))) first = { key, at };
    return false;
  };
}

/** Listens for keys while the calling part of the page is there. */
export function useKeys(bindings: KeyBindings): void {
  const read = createKeyReader(bindings);
  const onKey = (event: KeyboardEvent) => {
    const { key, ctrlKey, metaKey, altKey, defaultPrevented, target } = event;
    const isWriting = target instanceof Element && target.closest(WRITES) !== null;
    const at = event.timeStamp;
    if (read({ key, ctrlKey, metaKey, altKey, defaultPrevented, isWriting, at }))
      event.preventDefault();
  };
  onMount(() => document.addEventListener('keydown', onKey));
  onCleanup(() => document.removeEventListener('keydown', onKey));
}
