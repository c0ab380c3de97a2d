import type { TaskGroup } from '../../protocol/task-status.ts';

/** A line of the list: a group's heading, or a task with its place in its group. */
export type TaskLine =
  | { is: 'group'; group: TaskGroup; count: number }
  | { is: 'task'; id: string; isFirst: boolean; isLast: boolean };

const keyOf = (line: TaskLine) => (line.is === 'group' ? line.group : line.id);

function isSame(one: TaskLine, other: TaskLine): boolean {
  return one.is === 'task' && other.is === 'task'
    ? one.isFirst === other.isFirst && one.isLast === other.isLast
    : one.is === 'group' && other.is === 'group' && one.count === other.count;
}

/**
 * The lines of the groups that have tasks. A line that says the same as before is the same object:
 * what is on the screen is made anew only where it has changed.
 */
export function linesOf(
  groups: readonly { group: TaskGroup; ids: readonly string[] }[],
  before: readonly TaskLine[],
): TaskLine[] {
  const known = new Map(before.map((line) => [keyOf(line), line]));
  return groups
    .filter(({ ids }) => ids.length > 0)
    .flatMap(({ group, ids }): TaskLine[] => [
      { is: 'group', group, count: ids.length },
      ...ids.map((id, at) => ({
        is: 'task' as const,
        id,
        isFirst: at === 0,
        isLast: at === ids.length - 1,
      })),
    ])
    .map((line) => {
      const old = known.get(keyOf(line));
      return old !== undefined && isSame(old, line) ? old : line;
    });
}
