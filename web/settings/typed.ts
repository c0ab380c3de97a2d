import { createSignal } from 'solid-js';

/** What a field shows: what is being typed in it, or else what is set; nothing that comes takes away the first. */
export function createTyped(known: () => string) {
  const [typed, setTyped] = createSignal<string | null>(null);
  return {
    text: () => typed() ?? known(),
    isTyping: () => typed() !== null,
    type: (text: string) => void setTyped(text),
    /** It was sent, or given up: from now on what is set is shown. */
    done: () => void setTyped(null),
  };
}
