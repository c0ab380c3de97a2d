import { For, Show, createEffect, createSignal, on, onCleanup, onMount } from 'solid-js';
import type { FoundEvents } from '../../protocol/task-feed.ts';
import { FIND_MAX_CHARS } from '../../protocol/task-feed.ts';
import { fetchFound } from '../net/activity.ts';
import { numberText } from '../ui/locale.ts';
import { Icon } from '../ui/icons.tsx';
import { Ago } from '../ui/time.tsx';

/** Keys come faster than anybody wants answers. */
const ASK_AFTER_MS = 200;

type Found =
  | { is: 'nothing_asked' }
  | { is: 'asking' }
  | { is: 'away' }
  | { is: 'found'; hits: FoundEvents['hits']; next: number | null };

/** A text with what was looked for marked in it, wherever it stands and in whatever case. */
function Marked(props: { text: string; wanted: string }) {
  const parts = () => {
    const [text, wanted] = [props.text.toLowerCase(), props.wanted.trim().toLowerCase()];
    const found: { text: string; isHit: boolean }[] = [];
    // Lower case of some letters has another length: then nothing is marked rather than the wrong.
    if (wanted === '' || text.length !== props.text.length)
      return [{ text: props.text, isHit: false }];
    let from = 0;
    for (let at = text.indexOf(wanted); at !== -1; at = text.indexOf(wanted, from)) {
      found.push({ text: props.text.slice(from, at), isHit: false });
      from = at + wanted.length;
      found.push({ text: props.text.slice(at, from), isHit: true });
    }
    return [...found, { text: props.text.slice(from), isHit: false }];
  };
  return (
    <For each={parts()}>
      {(part) => (
        <Show when={part.isHit} fallback={part.text}>
          <mark class="rounded-sm bg-accent-soft font-semibold text-text">{part.text}</mark>
        </Show>
      )}
    </For>
  );
}

/** Looks for a text in the whole activity; a line that was found leads to its place. */
export function FindLines(props: {
  taskId: string;
  onJump(number: number): void;
  onClose(): void;
  /** Whether what was found stands in place of the lines. */
  onFilter(isFiltered: boolean): void;
}) {
  const [text, setText] = createSignal('');
  const [found, setFound] = createSignal<Found>({ is: 'nothing_asked' });
  let field: HTMLInputElement | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  onMount(() => field?.focus());
  onCleanup(() => {
    clearTimeout(timer);
    props.onFilter(false);
  });

  const ask = async (wanted: string, before: number | null) => {
    const answer = await fetchFound(props.taskId, wanted, before);
    // Something else is looked for meanwhile.
    if (text().trim() !== wanted) return;
    if (answer === null) {
      setFound({ is: 'away' });
      return;
    }
    const known = found();
    const hits = before !== null && known.is === 'found' ? known.hits : [];
    setFound({ is: 'found', hits: [...hits, ...answer.hits], next: answer.next });
    // Much was looked through and nothing found yet: the rest may have it.
    if (answer.hits.length === 0 && answer.next !== null) await ask(wanted, answer.next);
  };
  createEffect(
    on(text, (written) => {
      clearTimeout(timer);
      const wanted = written.trim();
      props.onFilter(wanted !== '');
      if (wanted === '') {
        setFound({ is: 'nothing_asked' });
        return;
      }
      setFound({ is: 'asking' });
      timer = setTimeout(() => void ask(wanted, null), ASK_AFTER_MS);
    }),
  );
  const answer = () => {
    const known = found();
    return known.is === 'found' ? known : null;
  };
  const words = () => {
    const known = found();
    switch (known.is) {
      case 'nothing_asked':
        return '';
      case 'asking':
        return 'Looking …';
      case 'away':
        return 'Mainloop does not answer. Write again once it does.';
      case 'found': {
        const count = numberText(known.hits.length);
        if (known.next !== null) return `${count} lines so far`;
        return known.hits.length === 1 ? '1 line' : `${count} lines`;
      }
    }
  };

  return (
    <div
      role="search"
      class="flex min-h-0 flex-col"
      classList={{ 'flex-1': text().trim() !== '' }}
      onKeyDown={(event) => {
        if (event.key === 'Escape') props.onClose();
      }}
    >
      <div class="mx-auto flex w-full max-w-3xl items-center gap-2 px-4 py-1.5">
        <input
          ref={field}
          type="search"
          aria-label="Find in this activity"
          placeholder="Find in this activity"
          maxlength={FIND_MAX_CHARS}
          class="field min-h-11 py-1.5"
          value={text()}
          onInput={(event) => setText(event.currentTarget.value)}
        />
        <span role="status" class="shrink-0 text-[0.8125rem] text-soft">
          {words()}
        </span>
        <button
          type="button"
          class="button size-11 shrink-0 px-0"
          aria-label="Close the search"
          onClick={() => props.onClose()}
        >
          <Icon name="cross" class="size-4" />
        </button>
      </div>
      <Show when={answer()}>
        {(known) => (
          <div class="relative min-h-0 flex-1 overflow-y-auto">
            <ol class="mx-auto max-w-3xl divide-y divide-line px-4" aria-label="Lines with it">
              <For each={known().hits}>
                {(hit) => (
                  <li>
                    <button
                      type="button"
                      class="flex min-h-11 w-full items-baseline gap-3 py-2 text-left text-sm hover:bg-sunken"
                      onClick={() => props.onJump(hit.number)}
                    >
                      <span class="min-w-0 flex-1 [overflow-wrap:anywhere]" dir="auto">
                        <Marked text={hit.text} wanted={text()} />
                      </span>
                      <Ago at={hit.at} class="shrink-0 text-xs text-soft" />
                    </button>
                  </li>
                )}
              </For>
            </ol>
            <Show when={known().next}>
              {(next) => (
                <p class="p-4 text-center">
                  <button
                    type="button"
                    class="button"
                    onClick={() => void ask(text().trim(), next())}
                  >
                    Look further back
                  </button>
                </p>
              )}
            </Show>
          </div>
        )}
      </Show>
    </div>
  );
}
