import { For, Show } from 'solid-js';
import { isImage, sizeWords } from '../../protocol/attachable.ts';
import { useMainloop } from '../state/context.tsx';
import type { Files, HeldFile } from '../state/files.ts';
import { Icon } from '../ui/icons.tsx';

/** How far a file is, in words. */
export function progressWords({ state, bytes }: HeldFile, isOnline: boolean): string {
  switch (state.is) {
    case 'waiting':
      return isOnline ? 'Waits' : 'Waits for the connection';
    case 'sending':
      return isOnline ? `Uploading ${Math.round(state.share * 100)} %` : 'Waits for the connection';
    case 'stored':
      return sizeWords(bytes);
    case 'refused':
      return state.text;
  }
}

function Chip(props: { file: HeldFile; onRemove(): void }) {
  const { state } = useMainloop();
  const share = () => (props.file.state.is === 'sending' ? props.file.state.share : null);
  const isRefused = () => props.file.state.is === 'refused';
  return (
    <li
      class="relative flex max-w-full items-center gap-2 overflow-hidden rounded-xl border bg-raised ps-1.5"
      classList={{ 'border-line': !isRefused(), 'border-bad': isRefused() }}
    >
      <Show
        when={isImage(props.file.type)}
        fallback={<Icon name="file" class="size-9 shrink-0 p-2 text-soft" />}
      >
        <img src={props.file.url} alt="" class="size-9 shrink-0 rounded-lg object-cover" />
      </Show>
      <span class="min-w-0 py-1 text-sm leading-tight">
        <span class="block max-w-44 truncate font-medium" dir="auto" title={props.file.name}>
          {props.file.name}
        </span>
        <span
          class="block text-xs"
          classList={{ 'text-soft': !isRefused(), 'text-bad': isRefused() }}
        >
          {progressWords(props.file, state.connection === 'Online')}
        </span>
      </span>
      <button
        type="button"
        aria-label={`Remove ${props.file.name}`}
        class="flex size-11 shrink-0 items-center justify-center text-soft hover:text-text"
        onClick={() => props.onRemove()}
      >
        <Icon name="cross" class="size-4" />
      </button>
      <Show when={share()}>
        {(done) => (
          <progress
            aria-label={`Upload of ${props.file.name}`}
            max="1"
            value={done()}
            class="absolute inset-x-0 bottom-0 h-0.5 w-full accent-(--accent)"
          />
        )}
      </Show>
    </li>
  );
}

/** What is attached to a draft, and why something was not taken. */
export function Shelf(props: { files: Files; place: string; problems: readonly string[] }) {
  const attached = () => props.files.of(props.place);
  return (
    <>
      <Show when={attached().length > 0}>
        <ul aria-label="Attached files" class="mb-2 flex max-h-40 flex-wrap gap-2 overflow-y-auto">
          <For each={attached()}>
            {(file) => <Chip file={file} onRemove={() => props.files.remove(file.id)} />}
          </For>
        </ul>
      </Show>
      <p role="status" class="sr-only">
        {attached().length === 0 ? '' : `${attached().length} attached`}
      </p>
      <Show when={props.problems.length > 0}>
        <div role="alert" class="mb-2 text-sm text-bad">
          <For each={props.problems}>{(problem) => <p>{problem}</p>}</For>
        </div>
      </Show>
    </>
  );
}
