import { Show, createEffect, createMemo, createSignal, on } from 'solid-js';
import { Virtualizer, type VirtualizerHandle } from 'virtua/solid';
import type { TaskStatus } from '../../protocol/task.ts';
import { callsAround, nested, rowOf } from '../state/activity.ts';
import { Icon } from '../ui/icons.tsx';
import { numberText } from '../ui/locale.ts';
import { createScrolling } from '../ui/scrolling.ts';
import { ActivityLine, type LineState } from './activity-line.tsx';
import { createActivityLog } from './activity-log.ts';
import { FindLines } from './find-lines.tsx';
import { openedLines } from './opened-lines.ts';
import { stillAwaited } from './still-awaited.ts';

/** Nearer to the end than this, one looks at it. */
const AT_END_PX = 48;
/** Nearer to the beginning than this, older lines are fetched. */
const OLDER_PX = 1_200;
/** What is drawn before it comes into sight. */
const BUFFER_PX = 800;

/** A line has its height within a few frames, on a busy machine within some more. */
const FOCUS_FRAMES = 120;

/** Before it was measured, a line is hidden and takes no focus: it is asked again with the next frame. */
function focusLine(number: number, frames: number): void {
  const line = document.getElementById(`line-${number}`);
  line?.focus({ preventScroll: true });
  if (frames > 0 && (line === null || document.activeElement !== line)) {
    requestAnimationFrame(() => focusLine(number, frames - 1));
  }
}

/** The set with this one in it, or without it where it was. */
function toggled<T>(set: ReadonlySet<T>, one: T): ReadonlySet<T> {
  const now = new Set(set);
  if (!now.delete(one)) now.add(one);
  return now;
}

/** What was done, a line each: it opens at the newest, and follows it while nobody scrolls up. */
export function Activity(props: {
  taskId: string;
  status: TaskStatus;
  /** A line that the address names. */
  line: number | null;
  isFinding: boolean;
  /** A line that was found is to be shown: the address names it from then on. */
  onJump(number: number): void;
  onFindClose(): void;
}) {
  const log = createActivityLog(props.taskId);
  const opened = openedLines(props.taskId);
  const [openCalls, setOpenCalls] = createSignal<ReadonlySet<string>>(new Set());
  const [isFiltered, setFiltered] = createSignal(false);
  const [seen, setSeen] = createSignal(0);
  const [focused, setFocused] = createSignal<number | null>(null);
  const [jumped, setJumped] = createSignal<number | null>(null);
  const [wrong, setWrong] = createSignal('');
  const [scroller, setScroller] = createSignal<HTMLElement>();
  let list: VirtualizerHandle | undefined;

  const lines = createMemo(() => nested(log.rows(), (id) => openCalls().has(id)));
  // By their numbers: a line that changes stays the one on the screen, with what is focused in it.
  const numbers = createMemo(() => lines().shown.map(({ number }) => number));
  /** Whether lines have just been put before what is shown, which then stays where it is. */
  const shift = createMemo<{ first: number | null; is: boolean }>(
    (before) => {
      const first = numbers()[0] ?? null;
      return { first, is: first !== null && before.first !== null && first < before.first };
    },
    { first: null, is: false },
  );
  const scrolling = createScrolling<number>({
    list: () => list,
    scroller,
    indexOf: (number) => numbers().indexOf(number),
    nearEndPx: AT_END_PX,
  });
  const isFollowing = scrolling.atEnd;
  const news = () => log.rows().filter(({ number }) => number > seen()).length;
  createEffect(() => {
    if (isFollowing()) setSeen(log.rows().at(-1)?.number ?? 0);
  });

  const onScroll = (element: HTMLElement) => {
    scrolling.look();
    if (element.scrollTop < OLDER_PX && log.hasOlder()) void log.loadOlder();
  };
  // Few and low lines leave no edge to scroll to.
  createEffect(() => {
    const element = scroller();
    if (log.rows().length === 0 || element === undefined || !log.hasOlder()) return;
    requestAnimationFrame(() => {
      if (element.scrollHeight <= element.clientHeight) void log.loadOlder();
    });
  });

  const jump = async (number: number) => {
    setWrong('');
    scrolling.hold();
    const isHere = await log.loadTo(number);
    const row = rowOf(log.rows(), number);
    if (!isHere || row === undefined) {
      setWrong(isHere ? 'There is no such line.' : 'That line cannot be had now.');
      return;
    }
    setOpenCalls((open) => new Set([...open, ...callsAround(log.rows(), row.number)]));
    opened.choose(row.number, true);
    setJumped(row.number);
    // It is drawn from then on, and can take the focus wherever it is.
    setFocused(row.number);
    requestAnimationFrame(() => {
      scrolling.toRow(row.number, { align: 'center' });
      focusLine(row.number, FOCUS_FRAMES);
    });
  };
  createEffect(
    on([() => props.line, log.isThere], ([line, isThere]) => {
      if (line !== null && isThere) void jump(line);
    }),
  );

  const state: LineState = {
    isOpen: (number) => opened.chosen(number) ?? false,
    ...opened,
    toggle: (number) => {
      // What opens stays in sight, whatever comes below it.
      if (number !== numbers().at(-1)) scrolling.hold();
      opened.choose(number, opened.chosen(number) !== true);
    },
    depth: (number) => lines().depths.get(number) ?? 0,
    steps: (id) => lines().steps.get(id) ?? 0,
    showsSteps: (id) => openCalls().has(id),
    toggleSteps: (id) => {
      scrolling.hold();
      setOpenCalls((open) => toggled(open, id));
    },
    isMarked: (number) => jumped() === number,
  };
  /** The line with the focus stays drawn, wherever one scrolls: the focus would be lost with it. */
  const keptDrawn = createMemo(() => {
    const number = focused();
    const place = number === null ? -1 : numbers().indexOf(number);
    return place === -1 ? [] : [place];
  });

  return (
    <div class="relative flex min-h-0 flex-1 flex-col">
      <Show when={props.isFinding}>
        <FindLines
          taskId={props.taskId}
          onFilter={setFiltered}
          onClose={() => props.onFindClose()}
          onJump={(number) => {
            props.onFindClose();
            props.onJump(number);
            // Also where the address names it already.
            if (props.line === number) void jump(number);
          }}
        />
      </Show>
      <p role="status" class="px-4 text-sm text-bad empty:hidden">
        {wrong()}
      </p>
      <div
        ref={setScroller}
        hidden={isFiltered()}
        tabindex="0"
        role="region"
        aria-label="What was done"
        class="min-h-0 flex-1 overflow-y-auto py-2 [overflow-anchor:none]"
        onScroll={(event) => onScroll(event.currentTarget)}
        onWheel={scrolling.byPerson}
        onTouchMove={scrolling.byPerson}
        onKeyDown={scrolling.byPerson}
        onPointerDown={scrolling.byPerson}
        onFocusIn={(event) => {
          const line = event.target.closest('[id^=line-]');
          setFocused(line === null ? null : Number(line.id.slice('line-'.length)));
        }}
      >
        <Show
          when={log.rows().length > 0 && scroller()}
          fallback={
            <p role="status" class="mx-auto max-w-3xl px-4 py-2 text-sm text-soft">
              {log.isThere() ? stillAwaited(props.status) : 'Loading …'}
            </p>
          }
        >
          {(element) => (
            <div
              ref={(content) => {
                scrolling.watch(content);
                if (isFollowing()) scrolling.toEnd();
              }}
            >
              <Virtualizer
                ref={(handle) => (list = handle)}
                data={numbers()}
                scrollRef={element()}
                shift={shift().is}
                bufferSize={BUFFER_PX}
                keepMounted={keptDrawn()}
                onScrollEnd={scrolling.onScrollEnd}
              >
                {(number) => <ActivityLine number={number} log={log} state={state} />}
              </Virtualizer>
            </div>
          )}
        </Show>
      </div>
      <Show when={!isFollowing() && !isFiltered()}>
        <button
          type="button"
          class="button absolute bottom-3 left-1/2 -translate-x-1/2 shadow-md low:right-2 low:bottom-1 low:left-auto low:translate-x-0"
          onClick={() => {
            scrolling.toEnd();
            scroller()?.focus({ preventScroll: true });
          }}
        >
          <Icon name="down" class="size-4" />
          {news() > 0 ? `Latest, ${numberText(news())} new` : 'Latest'}
        </button>
      </Show>
    </div>
  );
}
