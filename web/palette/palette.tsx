import { useNavigate } from '@solidjs/router';
import { For, createEffect, createMemo, createSignal, onMount } from 'solid-js';
import { Icon } from '../ui/icons.tsx';
import { Marked } from '../ui/marked.tsx';
import { wordsOf } from '../ui/words.ts';
import { type Entry, matching } from './entries.ts';
import { useOffered } from './offered.ts';

/** Goes to a place, a task or a repository’s tasks, does something, or searches for what was typed. */
export function Palette(props: { onClose(): void }) {
  const navigate = useNavigate();
  const offered = useOffered();
  const [typed, setTyped] = createSignal('');
  const [chosen, setChosen] = createSignal(0);
  let dialog: HTMLDialogElement | undefined;

  const searchFor = (text: string): Entry => ({
    id: 'search',
    label: `Search for “${text}”`,
    note: '',
    icon: 'search',
    also: '',
    to: `/search?q=${encodeURIComponent(text)}`,
  });
  const entries = createMemo(() => {
    const text = typed().trim();
    const found = matching(offered(), text);
    return text === '' ? found : [...found, searchFor(text)];
  });
  const words = createMemo(() => wordsOf(typed()));
  const at = () => Math.min(chosen(), entries().length - 1);
  const nameOf = (entry: Entry | undefined) => `palette-${entry?.id.replaceAll(/\W+/g, '-')}`;

  const carryOut = (entry: Entry | undefined) => {
    if (entry === undefined) return;
    dialog?.close();
    if (typeof entry.to === 'function') return entry.to();
    // What had the focus goes with its place; the title of the new one is always there.
    document.querySelector('h1')?.focus();
    navigate(entry.to);
  };
  const onKey = (event: KeyboardEvent) => {
    if (event.isComposing) return;
    const last = entries().length - 1;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined)
      setChosen(at() + step > last ? 0 : at() + step < 0 ? last : at() + step);
    else if (event.key === 'Enter') carryOut(entries()[at()]);
    else return;
    event.preventDefault();
  };
  onMount(() => dialog?.showModal());
  createEffect(() =>
    document.getElementById(nameOf(entries()[at()]))?.scrollIntoView({ block: 'nearest' }),
  );

  return (
    <dialog
      ref={dialog}
      aria-label="Go to or do"
      class="mx-auto mt-[max(1rem,10vh)] w-[calc(100%-1.5rem)] max-w-xl overflow-hidden rounded-xl border border-line bg-raised p-0 text-text shadow-xl backdrop:bg-black/40"
      onClose={() => {
        // The next one may stand in its place already.
        if (dialog?.isConnected === true) props.onClose();
      }}
      onClick={(event) => {
        // What stands in it covers it: only what is around it is itself.
        if (event.target === dialog) dialog?.close();
      }}
    >
      <div class="flex max-h-[min(70vh,32rem)] flex-col">
        <input
          type="text"
          role="combobox"
          dir="auto"
          aria-label="Go to or do"
          aria-expanded="true"
          aria-controls="palette-entries"
          aria-activedescendant={nameOf(entries()[at()])}
          aria-autocomplete="list"
          autocomplete="off"
          spellcheck={false}
          placeholder="Go to a place or a task, do something, search"
          class="w-full border-b border-line bg-raised px-4 py-3 text-base outline-none placeholder:text-soft"
          value={typed()}
          onInput={(event) => {
            setTyped(event.currentTarget.value);
            setChosen(0);
          }}
          onKeyDown={onKey}
        />
        <ul
          id="palette-entries"
          role="listbox"
          aria-label="What there is"
          class="min-h-0 flex-1 overflow-y-auto p-1.5"
        >
          <For each={entries()}>
            {(entry, index) => (
              <li
                id={nameOf(entry)}
                role="option"
                aria-selected={index() === at()}
                class="flex min-h-11 cursor-pointer items-center gap-3 rounded-lg px-2.5 py-1.5 text-sm aria-selected:bg-accent-soft aria-selected:outline-1 aria-selected:-outline-offset-1 aria-selected:outline-accent"
                onPointerMove={() => setChosen(index())}
                onClick={() => carryOut(entry)}
              >
                <Icon name={entry.icon} class="size-4 shrink-0 text-soft" />
                <span class="min-w-0 flex-1 truncate" dir="auto">
                  <Marked text={entry.label} words={words()} />
                </span>
                <span class="max-w-[40%] shrink-0 truncate text-xs text-soft">{entry.note}</span>
              </li>
            )}
          </For>
        </ul>
      </div>
    </dialog>
  );
}
