import type { RunnerEvent } from '../../protocol/runner.ts';

const NOTE_MAX_CHARS = 140;

function oneLine(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > NOTE_MAX_CHARS ? `${line.slice(0, NOTE_MAX_CHARS - 1)}…` : line;
}

/** The line that says what a task does now, from its newest event; null when that changes nothing. */
export function noteOf(body: RunnerEvent['body']): string | null {
  switch (body.type) {
    case 'step':
    case 'text':
      return oneLine(body.text) || null;
    case 'tool_call':
      return oneLine(`${body.tool}: ${body.title}`);
    case 'commit':
      return oneLine(`Committed: ${body.title}`);
    case 'steered':
      return 'Read your message';
    case 'tool_result':
    case 'result':
      return null;
  }
}
