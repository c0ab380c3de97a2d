import { useSearchParams } from '@solidjs/router';
import { For, Show, createEffect, createMemo, createSignal, on, onMount, untrack } from 'solid-js';
import type { SearchHit } from '../../protocol/search.ts';
import { type SearchOutcome, fetchSearch } from '../net/search.ts';
import { useMainloop } from '../state/context.tsx';
import { Page } from '../ui/page.tsx';
import { wordsOf } from '../ui/words.ts';
import { searchHere, tasksHere } from './here.ts';
import { Hit, type NamedTask } from './hit.tsx';
import { type Searched, createSearching } from './searching.ts';

const GROUPS = [
  { kind: 'message', title: 'Messages' },
  { kind: 'task', title: 'Tasks' },
  { kind: 'event', title: 'Activity of tasks' },
] as const;

const BACK = { href: '/', label: 'Back to the chat' };

/** What is listed, and what has to be said of where it was looked for. */
type Listed = { hits: SearchHit[]; tasks: Record<string, NamedTask>; note: string | null };

const HERE_ONLY =
  'Mainloop does not answer: only what this device holds was searched. It is searched again when the connection is back.';
const CONVERSATION_ONLY =
  'Postgres does not answer: messages were searched, and the tasks that this device knows. What workers did is not in this list.';

/** Everything that was said and done, by words. */
export default function Search() {
  const { state } = useMainloop();
  const [address, setAddress] = useSearchParams<{ q?: string }>();
  const [text, setText] = createSignal(address.q ?? '');
  const [searched, setSearched] = createSignal<Searched<SearchOutcome> | null>(null);
  const [isBusy, setIsBusy] = createSignal(false);
  let field: HTMLInputElement | undefined;

  const search = createSearching<SearchOutcome>({
    search: fetchSearch,
    onStart: () => setIsBusy(true),
    onEnd: (found, isLast) => {
      if (isLast) setIsBusy(false);
      setSearched(found);
      // With each answer and not with each key: browsers bound how often an address may change.
      if (untrack(() => address.q ?? '') !== (found?.query ?? '')) {
        setAddress({ q: found?.query ?? null }, { replace: true, scroll: false });
      }
    },
  });
  const type = (words: string) => {
    setText(words);
    search(words);
  };
  // Opened with words, led here by the palette, or back from a hit.
  createEffect(
    on(
      () => address.q ?? '',
      (words) => {
        const shown = searched()?.query ?? '';
        if (words !== shown && words !== text().trim()) setText(words);
        if (words !== shown) search(text());
      },
    ),
  );
  // What could not be had while the line was down is there when it is up again.
  createEffect(() => {
    if (state.connection === 'Online' && untrack(searched)?.outcome.is === 'away') {
      search(untrack(text));
    }
  });
  onMount(() => field?.focus({ preventScroll: true }));

  const words = createMemo(() => wordsOf(searched()?.query ?? ''));
  const listed = createMemo((): Listed | null => {
    const outcome = searched()?.outcome;
    switch (outcome?.is) {
      case 'found': {
        const { answer } = outcome;
        if (answer.over === 'history') return { ...answer, note: null };
        const hits = [...answer.hits, ...tasksHere(state, words())];
        return { hits, tasks: answer.tasks, note: CONVERSATION_ONLY };
      }
      case 'away':
        return { hits: searchHere(state, words()), tasks: {}, note: HERE_ONLY };
      default:
        return null;
    }
  });
  const refused = () => {
    const outcome = searched()?.outcome;
    return outcome?.is === 'refused' ? outcome.text : null;
  };
  const taskOf = (hit: SearchHit): NamedTask | null =>
    hit.kind === 'message'
      ? null
      : (state.tasks[hit.taskId] ?? listed()?.tasks[hit.taskId] ?? null);
  const count = () => listed()?.hits.length ?? 0;

  return (
    <Page title="Search" back={BACK}>
      <form
        role="search"
        onSubmit={(event) => {
          event.preventDefault();
          search(text());
        }}
      >
        <input
          ref={field}
          type="search"
          dir="auto"
          aria-label="Search everything"
          placeholder="Messages, tasks, what workers did"
          autocomplete="off"
          enterkeyhint="search"
          class="field"
          value={text()}
          onInput={(event) => type(event.currentTarget.value)}
        />
      </form>
      <p role="status" class="min-h-8 py-1.5 text-sm text-soft">
        <Show when={listed()} fallback={isBusy() ? 'Searching …' : ''}>
          {count() === 1 ? '1 hit' : `${count()} hits`}
          {isBusy() ? ' · searching …' : ''}
        </Show>
      </p>
      <Show when={refused()}>
        <p role="alert" class="text-sm text-bad">
          {refused()}
        </p>
      </Show>
      <Show when={listed()?.note}>
        <p class="mb-3 rounded-lg bg-sunken px-3 py-2 text-sm text-soft">{listed()?.note}</p>
      </Show>
      <Show when={searched() === null && text().trim() === ''}>
        <p class="px-3 py-6 text-center text-soft">
          Looks through messages, tasks and what workers did. “Quotes” find a phrase, -word leaves
          one out, and parts of names are found, too.
        </p>
      </Show>
      <Show when={listed() !== null && count() === 0}>
        <p class="card px-4 py-8 text-center text-soft">
          Nothing found for “{searched()?.query}”. Fewer words, or a part of one, find more.
        </p>
      </Show>
      <div aria-busy={isBusy()}>
        <For each={GROUPS}>
          {({ kind, title }) => {
            const hits = createMemo(() => listed()?.hits.filter((hit) => hit.kind === kind) ?? []);
            return (
              <Show when={hits().length > 0}>
                <section class="mb-4" aria-label={title}>
                  <h2 class="mb-1 text-sm font-semibold">
                    {title} <span class="text-soft">{hits().length}</span>
                  </h2>
                  <ul class="card divide-y divide-line overflow-hidden">
                    <For each={hits()}>
                      {(hit) => <Hit hit={hit} task={taskOf(hit)} words={words()} />}
                    </For>
                  </ul>
                </section>
              </Show>
            );
          }}
        </For>
      </div>
    </Page>
  );
}
