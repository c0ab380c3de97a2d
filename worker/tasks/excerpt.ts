import type { TaskEvent, TaskEventBody } from '../../protocol/task-event.ts';
import { FEED_TEXT_MAX_CHARS, type FeedEvent } from '../../protocol/task-feed.ts';

/** Stands between the beginning and the end of what a tool answered. */
const GAP = '\n […]\n';
const HALF = Math.floor((FEED_TEXT_MAX_CHARS - GAP.length) / 2);

const beginning = (text: string) => text.slice(0, FEED_TEXT_MAX_CHARS).toWellFormed();
const bothEnds = (text: string) =>
  `${text.slice(0, HALF)}${GAP}${text.slice(-HALF)}`.toWellFormed();
const isLong = (text: string) => text.length > FEED_TEXT_MAX_CHARS;

/** The body with its long text cut; null where it is short. */
function shortened(body: TaskEventBody): TaskEventBody | null {
  switch (body.type) {
    case 'text':
    case 'plan':
    case 'message':
    case 'steered':
      return isLong(body.text) ? { ...body, text: beginning(body.text) } : null;
    case 'tool_call':
      return isLong(body.input) ? { ...body, input: beginning(body.input) } : null;
    case 'tool_result':
      return isLong(body.output) ? { ...body, output: bothEnds(body.output) } : null;
    // Its pieces make up one text, of which the page shows the end.
    case 'setup_output':
    case 'step':
    case 'setup_began':
    case 'setup_ended':
    case 'equipment':
    case 'commit':
    case 'question':
    case 'interrupted':
    case 'status':
    case 'pull_request':
    case 'decision':
      return null;
  }
}

/** A line as a page first gets it: ten thousand of them are read on a phone. */
export function excerptOf(event: TaskEvent): FeedEvent {
  const body = shortened(event.body);
  return body === null ? { ...event, isExcerpt: false } : { ...event, body, isExcerpt: true };
}
