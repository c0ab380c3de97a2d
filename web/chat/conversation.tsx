import { useSearchParams } from '@solidjs/router';
import {
  $TRACK,
  type ParentProps,
  Show,
  createEffect,
  createMemo,
  createSignal,
  on,
  untrack,
} from 'solid-js';
import { unwrap } from 'solid-js/store';
import { Virtualizer, type VirtualizerHandle } from 'virtua/solid';
import { useMainloop } from '../state/context.tsx';
import { shownMessages } from '../state/passage.ts';
import type { Refused, Waiting } from './message.tsx';
import { Latest } from './latest.tsx';
import { createNews } from './news.ts';
import { onLeaving } from '../ui/kept-in-tab.ts';
import { readingPlace } from './place.ts';
import { RowView } from './row.tsx';
import { type Row, type View, viewOf } from './rows.ts';
import { createScrolling } from '../ui/scrolling.ts';

/** Closer to the end than this counts as being there. */
const NEAR_END_PX = 80;
/** Pages are fetched this long before their end comes into view. */
const AHEAD_PX = 2_000;
/** Rows are made this far beyond what is seen: a flick of the finger finds them there. */
const BUFFER_PX = 800;
/** Room above the first row, for the word on what is before it. */
const HEAD_PX = 40;

const NOT_THERE = {
  missing: 'That message is not there any more.',
  away: 'That message cannot be shown now: Mainloop does not answer.',
};

/** What was said, as much of it as is on the screen. Who is at the end stays there; whoever is not, stays, too. */
export function Conversation(
  props: ParentProps<{
    unsent: readonly Waiting[];
    notSent: readonly Refused[];
    streams: boolean;
    onEdit(refused: Refused): void;
  }>,
) {
  const { state, loadOlder, loadNewer, goToMessage, goToNewest } = useMainloop();
  const [address, setAddress] = useSearchParams<{ at?: string }>();
  const [marked, setMarked] = createSignal<string | null>(null);
  const [notThere, setNotThere] = createSignal<string | null>(null);
  const [scroller, setScroller] = createSignal<HTMLDivElement>();
  let list: VirtualizerHandle | undefined;
  let isPlaced = false;

  // Read without their proxies: ten thousand of them would each be watched for changes that never come.
  const shown = createMemo(() => {
    const { messages, ...more } = shownMessages(state);
    void (messages as { [$TRACK]?: unknown })[$TRACK];
    return { ...more, messages: unwrap(messages) };
  });
  const newest = createMemo(() => {
    void (state.messages as { [$TRACK]?: unknown })[$TRACK];
    return { messages: unwrap(state.messages) };
  });
  const scrolling = createScrolling<string>({
    list: () => list,
    scroller,
    indexOf: (key) => rows().findIndex((row) => row.key === key),
    nearEndPx: NEAR_END_PX,
    isWhole: () => !shown().hasNewer,
  });
  const { atEnd } = scrolling;
  const news = createNews({
    newest: () => newest().messages,
    isLive: () => state.shown === 'live',
    isAtEnd: atEnd,
  });
  const view = createMemo<View | null>(
    (before) =>
      viewOf(
        {
          messages: shown().messages,
          newFrom: news.newFrom(),
          unsent: props.unsent.map(({ id }) => id),
          notSent: props.notSent.map(({ id }) => id),
        },
        before,
      ),
    null,
  );
  const rows = (): Row[] => view()?.rows ?? [];

  const onScroll = () => {
    const element = scroller();
    if (element === undefined || !isPlaced) return;
    scrolling.look();
    const { scrollTop, scrollHeight, clientHeight } = element;
    if (scrollTop < AHEAD_PX && shown().hasOlder) void loadOlder();
    if (scrollHeight - scrollTop - clientHeight < AHEAD_PX && shown().hasNewer) void loadNewer();
  };

  const remember = () => {
    if (!isPlaced || list === undefined) return;
    if (atEnd()) return readingPlace.write(null);
    let index = list.findItemIndex(scrolling.top());
    while (rows()[index] !== undefined && rows()[index]?.is !== 'message') index += 1;
    const row = rows()[index];
    if (row?.is !== 'message') return;
    const offset = scrolling.top() - HEAD_PX - list.getItemOffset(index);
    readingPlace.write({ id: row.key, offset });
  };
  /** At what is new, where there is more of it than fits: otherwise that is at the end. */
  const toNew = () => {
    if (!scrolling.toRow('new', { align: 'start', offset: -HEAD_PX })) scrolling.toEnd();
  };
  /** Opens where one was, at what is new, or at the end. */
  const place = async () => {
    isPlaced = true;
    const was = readingPlace.read();
    if (was === null && news.newFrom() !== null) return toNew();
    scrolling.toEnd();
    if (was === null) return;
    const came = await goToMessage(was.id);
    // Meanwhile somebody may have scrolled, or written: then that is where they want to be.
    if (came !== 'shown' || !atEnd()) return;
    scrolling.toRow(was.id, { align: 'start', offset: was.offset });
  };
  const jump = async (id: string) => {
    const wasPlaced = isPlaced;
    isPlaced = true;
    const came = await goToMessage(id);
    setAddress({ at: null }, { replace: true, scroll: false });
    setNotThere(came === 'shown' ? null : NOT_THERE[came]);
    if (came !== 'shown') return wasPlaced || (await place());
    setMarked(id);
    scrolling.toRow(id, { align: 'center' });
  };
  let jumpsTo: string | undefined;
  createEffect(() => {
    const id = address.at;
    if (state.shown === 'nothing' || rows().length === 0) return;
    // Once: the address says it until the message is there.
    if (id !== undefined && id !== jumpsTo) untrack(() => void jump(id));
    else if (id === undefined && !isPlaced) untrack(() => void place());
    jumpsTo = id;
  });
  // Where few rows leave nothing to scroll, or a page was not enough, nobody says that there is room.
  createEffect(on(view, () => void requestAnimationFrame(onScroll)));
  const toNewest = () => {
    goToNewest();
    setNotThere(null);
    setMarked(null);
    scrolling.toEnd();
  };
  // Whoever writes wants to see it stand there.
  createEffect(
    on(
      () => props.unsent.at(-1)?.id,
      (id) => id !== undefined && isPlaced && toNewest(),
      { defer: true },
    ),
  );
  // Back at a page that was out of sight: at what has come meanwhile.
  createEffect(
    on(
      news.returned,
      () => {
        if (atEnd() && isPlaced && news.newFrom() !== null) toNew();
      },
      { defer: true },
    ),
  );

  onLeaving(remember);

  return (
    <>
      <div
        ref={(element) => {
          setScroller(element);
          scrolling.watch(element);
        }}
        role="log"
        aria-label="Conversation"
        aria-busy={props.streams}
        tabindex="0"
        class="min-h-0 flex-1 overflow-y-auto [overflow-anchor:none] focus-visible:-outline-offset-2"
        onScroll={onScroll}
        onWheel={scrolling.byPerson}
        onTouchMove={scrolling.byPerson}
        onKeyDown={scrolling.byPerson}
        onPointerDown={scrolling.byPerson}
      >
        <div ref={scrolling.watch} class="min-h-full pb-4">
          {/* As high as HEAD_PX, by a class: the page's policy forbids a style of its own. */}
          <p class="h-[40px] truncate px-4 pt-3 text-center text-xs text-soft">
            <Show when={shown().hasOlder}>
              {state.connection === 'Online'
                ? 'Earlier messages …'
                : 'Earlier messages come with the connection.'}
            </Show>
          </p>
          <Show when={rows().length > 0 && scroller()} fallback={props.children}>
            {(element) => (
              <Virtualizer
                ref={(handle) => {
                  // When all of this goes, it is asked once more where one was.
                  list = handle ?? list;
                }}
                scrollRef={element()}
                startMargin={HEAD_PX}
                data={rows()}
                shift={view()?.grewBefore ?? false}
                bufferSize={BUFFER_PX}
                onScrollEnd={() => {
                  scrolling.onScrollEnd();
                  remember();
                }}
              >
                {(row) => (
                  <div
                    data-row={row.is}
                    class="mx-auto w-full max-w-3xl px-4"
                    classList={{ 'message-marked': marked() === row.key }}
                    onAnimationEnd={(event) => {
                      if (event.animationName === 'marked') setMarked(null);
                    }}
                  >
                    <RowView
                      row={row}
                      shown={() => shown().messages}
                      unsent={props.unsent}
                      notSent={props.notSent}
                      onEdit={props.onEdit}
                    />
                  </div>
                )}
              </Virtualizer>
            )}
          </Show>
        </div>
      </div>
      <Show when={notThere()}>
        <p role="alert" class="border-t border-line bg-accent-soft px-4 py-2 text-sm">
          {notThere()}
        </p>
      </Show>
      <Show when={!atEnd()}>
        <Latest
          count={news.count()}
          onGo={() => {
            toNewest();
            // The button goes, the focus stays.
            scroller()?.focus({ preventScroll: true });
          }}
        />
      </Show>
    </>
  );
}
