import type { RunnerEvent } from '../../../protocol/runner.ts';

const NOTE_MAX_CHARS = 140;

function oneLine(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  if (line.length <= NOTE_MAX_CHARS) return line;
  // Half a character is no text: neither JSON in Postgres nor a screen takes it.
  return `${line.slice(0, NOTE_MAX_CHARS - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
}

/** How far a sandbox's clock may be off. */
const CLOCK_OFF_MS = 24 * 60 * 60_000;

/** When an event happened: as its sandbox says, unless its clock cannot be right. */
export function timeOf(at: number, now: number): number {
  return Math.abs(at - now) > CLOCK_OFF_MS ? now : Math.round(at);
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
    case 'question':
      return oneLine(`Asks: ${body.questions[0]?.question ?? ''}`);
    case 'plan':
      return 'Its plan is ready';
    case 'interrupted':
      return 'Interrupted';
    case 'setup_began':
      return 'Setting up';
    case 'setup_ended':
      return body.outcome === 'done' || body.outcome === 'restored'
        ? 'Set up'
        : 'The set-up script failed';
    case 'equipment':
    case 'setup_output':
    case 'tool_result':
    case 'result':
      return null;
  }
}
