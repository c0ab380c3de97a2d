import { type Reply, say } from './wire/reply.ts';
import { type ModelCall, textsOf } from './wire/request.ts';

const MAX_TITLE_WORDS = 5;
const REQUEST_VERBS =
  /^(?:please |can you |could you )?(?:add|fix|change|write|make|implement|build|update)\s+(?:an?\s+|the\s+)?/i;

/** A name for a session, as Claude Code asks for one: a few words of the request, without its verb. */
function sessionTitle(text: string): string {
  const inside = /<session>\s*([\s\S]*?)\s*<\/session>/.exec(text)?.[1] ?? text;
  const words = inside.split('\n')[0]?.replace(REQUEST_VERBS, '').split(/\s+/) ?? [];
  const title = words.slice(0, MAX_TITLE_WORDS).join(' ') || 'Work';
  return title.charAt(0).toUpperCase() + title.slice(1);
}

/** Claude Code's small calls around the work, and requests of anybody else. */
export function sideReply({ system, turns, wantsJson }: ModelCall): Reply {
  const last = turns.at(-1);
  const text = last === undefined ? '' : textsOf(last).join('\n');
  const asksForTitle = /\btitle\b/i.test(system);
  if (wantsJson) {
    return say(JSON.stringify(asksForTitle ? { title: sessionTitle(text) } : {}));
  }
  if (asksForTitle) return say(sessionTitle(text));
  return say('This is the offline model. ANTHROPIC_API_KEY brings the real one.');
}
