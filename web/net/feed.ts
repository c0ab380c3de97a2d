import { TaskFeed } from '../../protocol/task-feed.ts';
import type { TaskEvent } from '../../protocol/task-event.ts';
import { LiveSocket } from './live-socket.ts';

/** A task's activity, from its first event on and live; comes back by itself until closed. */
export function openFeed(taskId: string, onEvents: (events: TaskEvent[]) => void): () => void {
  let last = 0;
  const line = new LiveSocket({
    url: () => `${location.origin.replace('http', 'ws')}/api/tasks/${taskId}/feed?after=${last}`,
    onText: (text) => {
      const { events } = TaskFeed.parse(JSON.parse(text));
      const fresh = events.filter((event) => event.number > last);
      last = fresh.at(-1)?.number ?? last;
      if (fresh.length > 0) onEvents(fresh);
    },
  });
  return () => line.close();
}
