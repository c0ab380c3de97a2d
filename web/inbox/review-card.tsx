import { A } from '@solidjs/router';
import { Show } from 'solid-js';
import type { InboxItem, ReviewChecks } from '../../protocol/inbox.ts';
import { useMainloop } from '../state/context.tsx';
import { Counts, filesText } from '../ui/counts.tsx';
import { Icon, type IconName } from '../ui/icons.tsx';
import { Markdown } from '../ui/markdown.tsx';
import { Bar } from './bar.tsx';
import type { Deciding } from './deciding.ts';
import { Dismiss } from './dismiss.tsx';

const CHECKS: Record<ReviewChecks['is'], { icon: IconName; colour: string }> = {
  none: { icon: 'question', colour: 'text-soft' },
  passed: { icon: 'check', colour: 'text-good' },
  failed: { icon: 'cross', colour: 'text-bad' },
  unfinished: { icon: 'clock', colour: 'text-warn' },
};

function checksWords(checks: ReviewChecks): string {
  switch (checks.is) {
    case 'none':
      return 'No checks';
    case 'passed':
      if (checks.count === 1) return 'Its check passes';
      return checks.count === 2 ? 'Both checks pass' : `All ${checks.count} checks pass`;
    case 'failed':
      return `Checks still fail: ${checks.names.join(', ')}`;
    case 'unfinished':
      return 'Its checks did not end in time';
  }
}

/** A pull request that waits: what it is, what speaks for it, and whether it is merged. */
export function ReviewCard(props: Deciding & { item: Extract<InboxItem, { kind: 'review' }> }) {
  const { hold, state } = useMainloop();
  return (
    <>
      <h3 class="sr-only">What the worker says</h3>
      <div class="prose mt-2.5 text-sm">
        <Markdown text={props.item.summary} />
      </div>
      <p class={`mt-2.5 flex items-start gap-2 text-sm ${CHECKS[props.item.checks.is].colour}`}>
        <Icon name={CHECKS[props.item.checks.is].icon} class="mt-0.5 size-4 shrink-0" />
        {checksWords(props.item.checks)}
      </p>
      <Show when={state.tasks[props.item.taskId]?.changes}>
        {(changes) => (
          <A
            href={`/tasks/${props.item.taskId}?tab=changes`}
            class="flex min-h-11 items-center gap-2 self-start text-sm font-medium text-accent hover:underline"
          >
            {filesText(changes().files)} changed <Counts {...changes()} />
          </A>
        )}
      </Show>
      <a
        class="flex min-h-11 items-center self-start text-sm font-medium text-accent hover:underline"
        href={props.item.pullRequest.url}
        target="_blank"
        rel="noopener noreferrer"
      >
        Open pull request
      </a>
      <Bar words={props.busy}>
        <button
          type="button"
          class="button button-main"
          disabled={props.busy !== null}
          onClick={() => {
            const command = { do: 'merge' } as const;
            const { taskId, title } = props.item;
            hold({ type: 'task', taskId, command }, `Merging ${title}`);
            props.onDecide();
          }}
        >
          Merge
        </button>
        <Dismiss {...props} />
      </Bar>
    </>
  );
}
