import type { InboxItem } from '../../protocol/inbox.ts';
import type { Mending, TaskCommand } from '../../protocol/task-command.ts';
import type { IconName } from '../ui/icons.tsx';
import type { NewCommand } from '../state/state.ts';
import { suggestedBudget } from './budget.ts';

/** What a swipe on an item's row does, in words and deeds. */
export type FirstAction = {
  /** In a word or two, as the button in the opened item says it. */
  words: string;
  icon: IconName;
  /** Null where the item has to be opened for it. `doing` goes before the item's title. */
  act: { command: NewCommand; doing: string } | null;
};

/** The first thing to do about an item. What needs to be read or chosen first only opens it. */
export function firstAction(item: InboxItem): FirstAction {
  const asks = (command: TaskCommand): NewCommand => ({
    type: 'task',
    taskId: item.taskId ?? '',
    command,
  });
  switch (item.kind) {
    case 'question':
      return { words: 'Answer', icon: 'question', act: null };
    case 'plan': {
      const { id: planId, hash, alternatives } = item.plan;
      const verdict = { is: 'approve', alternative: null } as const;
      const command = asks({ do: 'decide', planId, hash, verdict });
      // Which way it goes is the person's to pick.
      const act = alternatives.length > 0 ? null : { command, doing: 'Approving the plan of' };
      return { words: act === null ? 'Decide' : 'Approve', icon: 'check', act };
    }
    case 'review':
      return reviewAction(item, asks);
    case 'budget': {
      // The day's money is a setting for all tasks.
      if (item.scope === 'day') return { words: 'Raise budget', icon: 'clock', act: null };
      const limit = suggestedBudget(item);
      const command = asks({ do: 'raise_budget', limit });
      const amount = `$${limit.toFixed(2)}`;
      const doing = `Raising to ${amount} the budget of`;
      return { words: `Raise to ${amount}`, icon: 'clock', act: { command, doing } };
    }
    case 'word':
      return { words: 'Say how', icon: 'chat', act: null };
    case 'failure': {
      const command = asks({ do: 'retry', from: 'checkpoint' });
      return { words: 'Retry', icon: 'work', act: { command, doing: 'Retrying' } };
    }
    case 'alert': {
      const command = { type: 'dismiss', itemId: item.id } as const;
      return { words: 'Dismiss', icon: 'cross', act: { command, doing: 'Dismissing' } };
    }
  }
}

/** What stands in the way comes first; only what nothing speaks against is merged by a swipe. */
function reviewAction(
  { checks, leftOpen }: Extract<InboxItem, { kind: 'review' }>,
  asks: (command: TaskCommand) => NewCommand,
): FirstAction {
  const mend = (what: Mending, words: string, doing: string): FirstAction => ({
    words,
    icon: 'work',
    act: { command: asks({ do: 'mend', what }), doing },
  });
  if (checks.is === 'failed') return mend('checks', 'Fix', 'Having its checks fixed:');
  if (leftOpen.conflicts) return mend('conflicts', 'Resolve', 'Having its conflicts resolved:');
  if (checks.is === 'unfinished' || leftOpen.comments.count > 0) {
    return { words: 'Look', icon: 'pull', act: null };
  }
  const act = { command: asks({ do: 'merge' }), doing: 'Merging' };
  return { words: 'Merge', icon: 'pull', act };
}
