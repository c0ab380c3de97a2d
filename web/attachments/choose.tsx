import { onCleanup, onMount } from 'solid-js';
import { ATTACHMENT_LIMITS } from '../../protocol/attachable.ts';
import { Icon } from '../ui/icons.tsx';

/** What a phone offers, too; any text is taken, whatever its ending. */
const ACCEPTED = 'image/png,image/jpeg,image/gif,image/webp,image/*,text/*,application/json,*/*';

/** What may be attached, said before; and from where. */
export function Choose(props: { onFiles(files: File[]): void; onClose(): void }) {
  let panel: HTMLDivElement | undefined;
  let files: HTMLInputElement | undefined;
  let camera: HTMLInputElement | undefined;
  const taken = (input: HTMLInputElement) => {
    const chosen = [...(input.files ?? [])];
    // The same one can be chosen again.
    input.value = '';
    props.onClose();
    if (chosen.length > 0) props.onFiles(chosen);
  };
  const onPointer = (event: PointerEvent) => {
    const inside = event.target instanceof Node && panel?.parentElement?.contains(event.target);
    if (inside !== true) props.onClose();
  };
  onMount(() => {
    panel?.querySelector('button')?.focus();
    document.addEventListener('pointerdown', onPointer);
    onCleanup(() => document.removeEventListener('pointerdown', onPointer));
  });
  return (
    <div
      ref={panel}
      role="group"
      aria-label="Attach"
      class="card absolute bottom-full left-0 z-10 mb-2 flex w-64 flex-col gap-1 p-2 shadow-md"
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return;
        event.stopPropagation();
        props.onClose();
      }}
    >
      <button
        type="button"
        class="button w-full justify-start border-0"
        onClick={() => files?.click()}
      >
        <Icon name="file" /> Choose files
      </button>
      <button
        type="button"
        class="button hidden w-full justify-start border-0 pointer-coarse:flex"
        onClick={() => camera?.click()}
      >
        <Icon name="camera" /> Take a photo
      </button>
      <p class="px-3 pb-1 text-xs text-soft">{ATTACHMENT_LIMITS}</p>
      <input
        ref={files}
        type="file"
        multiple
        accept={ACCEPTED}
        aria-label="Files to attach"
        tabindex="-1"
        class="hidden"
        onChange={(event) => taken(event.currentTarget)}
      />
      <input
        ref={camera}
        type="file"
        accept="image/*"
        capture="environment"
        aria-label="Photo to attach"
        tabindex="-1"
        class="hidden"
        onChange={(event) => taken(event.currentTarget)}
      />
    </div>
  );
}
