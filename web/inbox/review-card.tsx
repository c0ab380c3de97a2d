import { A } from '@solidjs/router';
import { Show } from 'solid-js';
import type { InboxItem } from '../../protocol/inbox.ts';
import type { Mending } from '../../protocol/task-command.ts';
import { useMainloop } from '../state/context.tsx';
import { isPretended } from '../state/selectors.ts';
import { Counts, filesText } from '../ui/counts.tsx';
import { moneyText } from '../ui/money.ts';
import { spanText } from '../ui/time.tsx';
import { Markdown } from '../ui/markdown.tsx';
import { Bar } from './bar.tsx';
import { Checks } from './checks.tsx';
import type { Deciding } from './deciding.ts';
import { Dismiss } from './dismiss.tsx';
import { Folded } from './folded.tsx';
import { Touches } from './touches.tsx';

type Review = Extract<InboxItem, { kind: 'review' }>;

/** What a press has the worker put right, most pressing first, in the words of its button and of the way back. */
const MENDING: { what: Mending; words: string; doing: string; isFor(item: Review): boolean }[] = [
  {
    what: 'checks',
    words: 'Fix',
    doing: 'Having its checks fixed:',
    isFor: ({ checks }) => checks.is === 'failed',
  },
  {
    what: 'conflicts',
    words: 'Resolve conflicts',
    doing: 'Having its conflicts resolved:',
    isFor: ({ leftOpen }) => leftOpen.conflicts,
  },
  {
    what: 'comments',
    words: 'Address comments',
    doing: 'Having its comments addressed:',
    isFor: ({ leftOpen }) => leftOpen.comments.count > 0,
  },
];

/** What nobody has seen to yet, and why the worker has not. */
function LeftOpen(props: { item: Review; base: string }) {
  const comments = () => props.item.leftOpen.comments;
  const authors = () =>
    comments()
      .by.map((name) => `@${name}`)
      .join(', ');
  return (
    <>
      <Show when={props.item.leftOpen.conflicts}>
        <p class="text-sm text-warn">
          It conflicts with {props.base}: both changed the same lines.
        </p>
      </Show>
      <Show when={comments().count > 0}>
        <p class="text-sm [overflow-wrap:anywhere]">
          {comments().count === 1 ? '1 comment' : `${comments().count} comments`} by {authors()}{' '}
          {comments().count === 1 ? 'was' : 'were'} not given to the worker: it takes orders only
          from people who may write to the repository.
        </p>
      </Show>
    </>
  );
}

/** A pull request that waits: what speaks for it and against it on one screen, and what can be done. */
export function ReviewCard(props: Deciding & { item: Review }) {
  const { hold, state } = useMainloop();
  const task = () => state.tasks[props.item.taskId];
  const mending = () => MENDING.filter(({ isFor }) => isFor(props.item));
  const isMain = (place: number) => (place === 0 ? 'button button-main' : 'button');
  /** Not before the checks are good: until then the first button has them mended. */
  const mergesFirst = () => !mending().some(({ what }) => what !== 'comments');
  const took = () => {
    const startedAt = task()?.startedAt;
    return startedAt ? spanText(props.item.at - startedAt) : null;
  };
  const merge = () => (
    <button
      type="button"
      class={mergesFirst() ? 'button button-main' : 'button'}
      disabled={props.busy !== null}
      onClick={() => {
        const { taskId, title } = props.item;
        hold({ type: 'task', taskId, command: { do: 'merge' } }, `Merging ${title}`);
        props.onDecide();
      }}
    >
      Merge
    </button>
  );
  return (
    <>
      <div class="flex flex-col gap-2.5 py-1">
        <Folded text={props.item.summary} heading="What the worker says" more="Show all of it" />
        <Checks checks={props.item.checks} />
        <Show when={props.item.tested}>
          {(tested) => (
            <div class="prose text-sm [overflow-wrap:anywhere]" dir="auto">
              <Markdown text={`The worker’s own tests: ${tested()}`} under={3} />
            </div>
          )}
        </Show>
        <LeftOpen item={props.item} base={task()?.baseBranch ?? 'its base'} />
        <Show when={task()?.changes}>
          {(changes) => <Touches taskId={props.item.taskId} version={changes().version} />}
        </Show>
        <p class="flex flex-wrap items-center gap-x-4 text-sm">
          <Show when={task()?.changes}>
            {(changes) => (
              <A
                href={`/tasks/${props.item.taskId}?tab=changes`}
                class="flex min-h-11 items-center gap-2 font-medium text-accent hover:underline"
              >
                {filesText(changes().files)} changed <Counts {...changes()} />
              </A>
            )}
          </Show>
          <a
            class="flex min-h-11 items-center font-medium text-accent hover:underline"
            href={props.item.pullRequest.url}
            target="_blank"
            rel="noopener noreferrer"
          >
            Open pull request
          </a>
          <Show when={task()}>
            {(known) => (
              <span class="text-soft">
                {[moneyText(known().usage.cost, isPretended(state)), took()]
                  .filter(Boolean)
                  .join(' · ')}
              </span>
            )}
          </Show>
        </p>
      </div>
      <Bar words={props.busy}>
        <Show when={mergesFirst()}>{merge()}</Show>
        {mending().map(({ what, words, doing }, place) => (
          <button
            type="button"
            class={mergesFirst() ? 'button' : isMain(place)}
            disabled={props.busy !== null}
            onClick={() => {
              const { taskId, title } = props.item;
              hold({ type: 'task', taskId, command: { do: 'mend', what } }, `${doing} ${title}`);
              props.onDecide();
            }}
          >
            {words}
          </button>
        ))}
        <Show when={!mergesFirst()}>{merge()}</Show>
        <Dismiss {...props} />
      </Bar>
    </>
  );
}
