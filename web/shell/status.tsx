import type { TaskStatus } from '../../protocol/task.ts';
import { groupOf } from '../state/selectors.ts';
import { Icon, type IconName } from '../ui/icons.tsx';

const ICONS: Record<TaskStatus, IconName> = {
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

function colour(status: TaskStatus): string {
  if (status === 'Failed') return 'text-bad';
  if (status === 'Cancelled') return 'text-soft';
  switch (groupOf(status)) {
    case 'Needs you':
      return 'text-warn';
    case 'Working':
      return 'text-accent';
    case 'In review':
    case 'Done':
      return 'text-good';
  }
}

/** A task's status: shape, colour and word say the same. */
export function Status(props: { status: TaskStatus }) {
  const moves = () => groupOf(props.status) === 'Working' && props.status !== 'Queued';
  return (
    <span class={`inline-flex items-center gap-1.5 text-sm font-medium ${colour(props.status)}`}>
      <span classList={{ pulse: moves() }}>
        <Icon name={ICONS[props.status]} class="size-4" />
      </span>
      {props.status}
    </span>
  );
}
