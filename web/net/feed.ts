import { type FeedEvent, TaskFeed } from '../../protocol/task-feed.ts';
import { LiveSocket } from './live-socket.ts';

/**
 * A task's activity, its newest lines first and then live; comes back by itself until closed.
 *
 * @param onEvents first with what there is already, which may be nothing; then with what is new.
 */
export function openFeed(taskId: string, onEvents: (events: FeedEvent[]) => void): () => void {
  let last: number | null = null;
  let isKnown = false;
  const line = new LiveSocket({
    url: () =>
      `${location.origin.replace('http', 'ws')}/api/tasks/${taskId}/feed?after=${last ?? ''}`,
    onText: (text) => {
      const { events } = TaskFeed.parse(JSON.parse(text));
      const from = last ?? 0;
      const fresh = events.filter((event) => event.number > from);
      last = fresh.at(-1)?.number ?? last;
      if (fresh.length > 0 || !isKnown) onEvents(fresh);
      isKnown = true;
    },
  });
  return () => line.close();
}
