import { cutToTokens, estimateTokens } from './tokens.ts';

/** Names of the elements in which data stands in a prompt. */
const ELEMENTS = ['known', 'earlier', 'task_update', 'told', 'messages', 'attachment'] as const;
export type Element = (typeof ELEMENTS)[number];

/** What nobody but the product itself may write: the beginning or the end of one of its elements. */
const OURS = new RegExp(`<(?=\\s*/?\\s*(?:${ELEMENTS.join('|')})\\b)`, 'gi');
const ESCAPES: Record<string, string> = { '<': '\\u003c', '>': '\\u003e', '&': '\\u0026' };
/** A text is not cut to less: it is the mark of what was left out then. */
const TEXT_MIN_TOKENS = 20;

function json(value: unknown, replacer?: (key: string, part: unknown) => unknown): string {
  return JSON.stringify(value, replacer).replace(/[<>&]/g, (sign) => ESCAPES[sign] ?? sign);
}

/** Cut so that it takes no more than this as JSON, in which a character may take six bytes. */
function fitting(text: string, maxTokens: number): string {
  for (let room = maxTokens; ; room /= 2) {
    const cut = cutToTokens(text, room);
    if (room <= TEXT_MIN_TOKENS || estimateTokens(json(cut)) <= maxTokens + TEXT_MIN_TOKENS) {
      return cut;
    }
  }
}

/**
 * The value as JSON in which no text can open or close a tag, end a string, or begin a line of its
 * own; each text in it is cut to `textTokens`. JSON.parse gives back what was not cut.
 */
export function quotedJson(value: unknown, textTokens: number): string {
  return json(value, (_, part) => (typeof part === 'string' ? fitting(part, textTokens) : part));
}

/**
 * Data as it stands in a prompt. Whatever a worker, a repository, a comment or the git host wrote
 * goes to a model in no other way.
 */
export function quoted(name: Element, value: unknown, textTokens: number): string {
  return `<${name}>${quotedJson(value, textTokens)}</${name}>`;
}

/** Words of the conversation as they were said, but for what would pass for an element of ours. */
export function spoken(text: string): string {
  return text.replace(OURS, '&lt;');
}
