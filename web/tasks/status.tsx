import type { TaskStatus } from '../../protocol/task.ts';
import { STATUS, type TaskGroup } from '../../protocol/task-status.ts';
import { Icon, type IconName } from '../ui/icons.tsx';

/** The shape of each status. */
export const STATUS_ICONS: Record<TaskStatus, IconName> = {
  Queued: 'clock',
  Starting: 'work',
  Planning: 'work',
  'Needs answers': 'question',
  'Needs approval': 'plan',
  Working: 'work',
  Checking: 'work',
  'In review': 'pull',
  Done: 'check',
  Failed: 'alert',
  Cancelled: 'cross',
};

/** A group's heading. */
export const GROUP_WORDS: Record<TaskGroup, string> = {
  needs_you: 'Needs you',
  working: 'Working',
  in_review: 'In review',
  over: 'Done',
};

const COLOURS: Record<TaskGroup, string> = {
  needs_you: 'text-warn',
  working: 'text-accent',
  in_review: 'text-good',
  over: 'text-good',
};

function colour(status: TaskStatus): string {
  if (status === 'Failed') return 'text-bad';
  if (status === 'Cancelled') return 'text-soft';
  return COLOURS[STATUS[status].group];
}

/** A task's status: shape, colour and word say the same. */
export function Status(props: { status: TaskStatus }) {
  const moves = () => STATUS[props.status].group === 'working' && props.status !== 'Queued';
  return (
    // What stands beside it is aligned with the word, not with the shape.
    <span class={`inline-flex items-baseline gap-1.5 text-sm font-medium ${colour(props.status)}`}>
      <span class="self-center" classList={{ pulse: moves() }}>
        <Icon name={STATUS_ICONS[props.status]} class="size-4" />
      </span>
      {props.status}
    </span>
  );
}
