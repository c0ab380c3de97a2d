import type { TaskSummary } from '../../protocol/task.ts';
import type { State } from './state.ts';

/** More of one kind than this are counted. */
const NAMED_MAX = 5;

/** One kind of thing that happened; each entry leads to where it can be seen. */
export type DigestLine = {
  words: string;
  entries: { title: string; href: string }[];
  /** How many more there are, and where. */
  more: { count: number; href: string } | null;
};

function line(words: string, entries: DigestLine['entries'], href: string): DigestLine[] {
  if (entries.length === 0) return [];
  const count = entries.length - NAMED_MAX;
  return [
    { words, entries: entries.slice(0, NAMED_MAX), more: count > 0 ? { count, href } : null },
  ];
}

const taskEntry = ({ id, title }: TaskSummary) => ({ title, href: `/tasks/${id}` });

/** What happened since nobody looked, most wanted first; nothing where nothing did. */
export function digest(state: Pick<State, 'tasks' | 'inbox'>, since: number): DigestLine[] {
  const tasks = Object.values(state.tasks).toSorted(
    (one, other) => other.updatedAt - one.updatedAt,
  );
  const items = Object.values(state.inbox);
  const waiting = items.filter(({ outcome, at }) => outcome === null && at > since);
  const reviewed = new Set(
    waiting.flatMap(({ kind, taskId }) => (kind === 'review' && taskId !== null ? [taskId] : [])),
  );
  const failing = new Set(
    waiting.flatMap(({ kind, taskId }) => (kind === 'failure' && taskId !== null ? [taskId] : [])),
  );
  const ended = (status: TaskSummary['status']) =>
    tasks.filter((task) => task.status === status && (task.endedAt ?? 0) > since);
  const ready = tasks.filter(
    ({ id, status, updatedAt }) => status === 'In review' && updatedAt > since && !reviewed.has(id),
  );
  const settled = items.filter(
    ({ outcome }) => outcome !== null && outcome.at > since && outcome.by === 'github',
  );
  return [
    ...line(
      'Needs you',
      waiting.map(({ id, title }) => ({ title, href: `/inbox/${id}` })),
      '/inbox',
    ),
    ...line(
      'Failed',
      ended('Failed')
        .filter(({ id }) => !failing.has(id))
        .map(taskEntry),
      '/tasks',
    ),
    ...line('In review', ready.map(taskEntry), '/tasks'),
    ...line('Done', ended('Done').map(taskEntry), '/tasks'),
    ...line(
      'Decided at the git host',
      settled.map(({ id, title, outcome }) => ({
        title: `${title}: ${outcome?.text ?? ''}`,
        href: `/inbox/${id}`,
      })),
      '/inbox',
    ),
  ];
}
