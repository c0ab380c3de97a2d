import type { TaskEvent, TaskEventBody } from '../../protocol/task-event.ts';
import type { FoundEvents } from '../../protocol/task-feed.ts';

/** Lines that one answer names. */
const HITS_MAX = 50;
/** Characters that are looked through for one answer: an object has others to serve. */
const LOOKED_THROUGH_MAX_CHARS = 8_000_000;
/** What is shown around a place. */
const AROUND_CHARS = 60;

/** All that a line of the activity says. */
function wordsOf(body: TaskEventBody): string {
  switch (body.type) {
    case 'step':
    case 'text':
    case 'plan':
    case 'message':
    case 'steered':
    case 'decision':
    case 'setup_output':
      return body.text;
    case 'tool_call':
      return `${body.tool} ${body.title} ${body.input}`;
    case 'tool_result':
      return body.output;
    case 'setup_began':
      return 'Set-up';
    case 'setup_ended':
      return `Set-up ${body.secretsIn.join(' ')}`;
    case 'equipment':
      return [
        'Equipment',
        ...[body.skills, body.commands, body.agents, body.plugins, body.servers, body.notes].flat(),
      ].join(' ');
    case 'commit':
      return `Commit ${body.commit} ${body.title}`;
    case 'question':
      return body.questions.map(({ question }) => question).join(' ');
    case 'status':
      return [body.status, body.note ?? ''].join(' ');
    case 'pull_request':
      return `Pull request #${body.pullRequest.number} ${body.pullRequest.url}`;
    case 'interrupted':
      return 'Interrupted';
  }
}

/** A place in a text with what stands around it, on one line. */
function around(text: string, at: number, length: number): string {
  const from = Math.max(0, at - AROUND_CHARS);
  const to = Math.min(text.length, at + length + AROUND_CHARS);
  const words = text.slice(from, to).toWellFormed().replace(/\s+/g, ' ').trim();
  return `${from > 0 ? '… ' : ''}${words}${to < text.length ? ' …' : ''}`;
}

/**
 * Looks for a text, whatever its case, from the newest line on: as far as one answer goes.
 *
 * @param pages lines before a number, in order, as many as are read at once; none at the beginning.
 */
export function findIn(
  pages: (before: number) => TaskEvent[],
  text: string,
  before: number,
): FoundEvents {
  const wanted = text.toLowerCase();
  const hits: FoundEvents['hits'] = [];
  let [next, looked] = [before, 0];
  for (;;) {
    const page = pages(next);
    if (page.length === 0) return { hits, next: null };
    for (const { number, at, body } of page.toReversed()) {
      const words = wordsOf(body);
      const place = words.toLowerCase().indexOf(wanted);
      if (place !== -1) hits.push({ number, at, text: around(words, place, wanted.length) });
      next = number;
      looked += words.length;
      if (hits.length >= HITS_MAX || looked >= LOOKED_THROUGH_MAX_CHARS) return { hits, next };
    }
  }
}
