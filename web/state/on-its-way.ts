import { INBOX_KINDS, type InboxItem } from '../../protocol/inbox.ts';
import type { NewCommand, State } from './state.ts';

export function settles(command: NewCommand, item: InboxItem): boolean {
  switch (command.type) {
    case 'change_settings':
      return item.kind === 'budget' && item.scope === 'day' && command.change.is === 'limits';
    case 'dismiss':
      return command.itemId === item.id;
    case 'task':
      return (
        command.taskId === item.taskId &&
        INBOX_KINDS[item.kind].settledBy.includes(command.command.do)
      );
    case 'send':
    case 'stop':
    case 'again':
    case 'move_task':
    case 'put_device':
    case 'remove_device':
    case 'test_device':
    case 'test_received':
      return false;
  }
}

/** What was decided here about an item and is not done yet, in words; null when nothing was. */
export function onItsWay(
  state: Pick<State, 'pending' | 'held' | 'decided' | 'connection'>,
  item: InboxItem,
): string | null {
  const held = state.held.find(({ command }) => settles(command, item));
  if (held !== undefined) return 'Can be undone for a moment';
  // Taken, and its task has not said yet what came of it.
  if (state.decided.includes(item.id)) return 'Taken';
  if (!state.pending.some(({ command }) => settles(command, item))) return null;
  return state.connection === 'Online' ? 'Sending …' : 'Decided; sent when the connection is back';
}
