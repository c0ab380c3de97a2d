import { type Component, Show, createSignal, onCleanup, onMount } from 'solid-js';
import { Dynamic } from 'solid-js/web';
import { Icon } from '../ui/icons.tsx';

type Props = { onClose(): void };
const [part, setPart] = createSignal<Component<Props> | null>(null);
const [isOpen, setIsOpen] = createSignal(false);

/** Fetched when it is about to be used: it is no part of the first load. */
async function prepare(): Promise<void> {
  if (part() !== null) return;
  const { Palette } = await import('../palette/palette.tsx');
  setPart(() => Palette);
}

function openPalette(): void {
  // Browsers tell late that a dialog was closed: by then the key may have been pressed anew.
  setIsOpen(false);
  setIsOpen(true);
  // Where it cannot be had (offline, before it was ever kept) the key does nothing.
  prepare().catch(() => setIsOpen(false));
}

/** Ctrl+K and ⌘K everywhere, also while one writes. */
export function PaletteKey() {
  const onKey = (event: KeyboardEvent) => {
    // Half of the key is enough to know that it may come.
    if (event.key === 'Control' || event.key === 'Meta') prepare().catch(() => {});
    const isKey = event.key.toLowerCase() === 'k' && (event.ctrlKey || event.metaKey);
    if (!isKey || event.shiftKey || event.altKey || event.isComposing) return;
    event.preventDefault();
    // Two dialogs at once would leave one behind.
    if (document.querySelector('dialog[open]') === null) openPalette();
  };
  onMount(() => document.addEventListener('keydown', onKey));
  onCleanup(() => document.removeEventListener('keydown', onKey));
  return (
    <Show when={isOpen() && part()}>
      {(palette) => <Dynamic component={palette()} onClose={() => setIsOpen(false)} />}
    </Show>
  );
}

/** The same for those who point, at the end of the rail. */
export function PaletteButton() {
  return (
    <button
      type="button"
      aria-haspopup="dialog"
      title="Go to … (Ctrl+K)"
      class="mt-auto hidden min-h-16 w-20 flex-col items-center justify-center gap-0.5 rounded-xl text-xs font-medium text-soft hover:text-text desk:flex"
      onPointerEnter={() => void prepare().catch(() => {})}
      onClick={openPalette}
    >
      <Icon name="go" class="size-6" />
      Go to …
    </button>
  );
}
