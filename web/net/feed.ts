import { TaskFeed } from '../../protocol/task-feed.ts';
import type { TaskEvent } from '../../protocol/task-event.ts';
import { reconnectPause } from './backoff.ts';

/** A task's activity, from its first event on and live; comes back by itself until closed. */
export function openFeed(taskId: string, onEvents: (events: TaskEvent[]) => void): () => void {
  let last = 0;
  let tries = 0;
  let closed = false;
  let socket: WebSocket | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const connect = () => {
    const base = location.origin.replace('http', 'ws');
    socket = new WebSocket(`${base}/api/tasks/${taskId}/feed?after=${last}`);
    const own = socket;
    own.onopen = () => {
      tries = 0;
      if (closed) own.close();
    };
    socket.onmessage = (message) => {
      if (closed) return;
      const { events } = TaskFeed.parse(JSON.parse(String(message.data)));
      const fresh = events.filter((event) => event.number > last);
      last = fresh.at(-1)?.number ?? last;
      if (fresh.length > 0) onEvents(fresh);
    };
    socket.onclose = () => {
      if (!closed) timer = setTimeout(connect, reconnectPause(tries++, Math.random()));
    };
  };
  connect();
  return () => {
    closed = true;
    clearTimeout(timer);
    // One that is not open yet is closed once it is: before that, browsers call it a failure.
    if (socket?.readyState === WebSocket.OPEN) socket.close();
  };
}
