import type { TaskEvent } from '../../protocol/task-event.ts';
import { TaskFeed } from '../../protocol/task-feed.ts';

/** A task's activity as its page gets it: all of it so far, and live. */
export function watchActivity(url: string, taskId: string): { events: TaskEvent[]; close(): void } {
  const events: TaskEvent[] = [];
  const socket = new WebSocket(`${url.replace('http', 'ws')}/api/tasks/${taskId}/feed?after=0`, {
    headers: { origin: url },
  });
  socket.addEventListener('message', ({ data }) => {
    events.push(...TaskFeed.parse(JSON.parse(String(data))).events);
  });
  return { events, close: () => socket.close() };
}

/** Results of tools that Claude Code was given, with what their calls said. */
export function toolResults(events: readonly TaskEvent[], tool: string): string[] {
  const calls = new Set(
    events.flatMap(({ body }) =>
      body.type === 'tool_call' && body.tool === tool ? [body.toolUseId] : [],
    ),
  );
  return events.flatMap(({ body }) =>
    body.type === 'tool_result' && calls.has(body.toolUseId) ? [body.output] : [],
  );
}
