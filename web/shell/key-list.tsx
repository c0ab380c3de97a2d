import { For, onMount } from 'solid-js';

/** What the keys do, for those who ask with `?`. */
const KEYS = [
  { keys: 'Ctrl K, ⌘ K', does: 'Go to a place or a task, or do something' },
  { keys: '/', does: 'Search' },
  { keys: 'g c', does: 'Chat' },
  { keys: 'g i', does: 'Inbox' },
  { keys: 'g t', does: 'Tasks' },
  { keys: 'g s', does: 'Settings' },
  { keys: 'j', does: 'Inbox: open the next item' },
  { keys: 'k', does: 'Inbox: open the one before' },
  { keys: 'a', does: 'Inbox: go to the first thing to do about it' },
  { keys: 'm', does: 'Write a message' },
  { keys: '?', does: 'These keys' },
] as const;

/** The list, as a dialog that is open from the start. */
export function KeyList(props: { onClose(): void }) {
  let list: HTMLDialogElement | undefined;
  onMount(() => list?.showModal());
  return (
    <dialog
      ref={list}
      aria-label="Keys"
      class="m-auto w-full max-w-md rounded-xl border border-line bg-raised p-5 text-text backdrop:bg-black/40"
      onClose={() => props.onClose()}
    >
      <h2 class="mb-3 text-lg font-semibold">Keys</h2>
      <dl class="grid grid-cols-[auto_1fr] gap-x-4 gap-y-2 text-sm">
        <For each={KEYS}>
          {({ keys, does }) => (
            <>
              <dt>
                <kbd class="rounded border border-line bg-sunken px-1.5 py-0.5 font-mono">
                  {keys}
                </kbd>
              </dt>
              <dd>{does}</dd>
            </>
          )}
        </For>
      </dl>
      <form method="dialog" class="mt-4">
        <button type="submit" class="button">
          Close
        </button>
      </form>
    </dialog>
  );
}
