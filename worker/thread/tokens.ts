/** Claude's tokenizer needs at least this many characters a token for prose; code and JSON come close to it. */
const CHARS_PER_TOKEN = 3;
const TOKENS_PER_MESSAGE = 4;

/** A cautious estimate, in tokens: above what the Messages API counts for text that people write. */
export function estimateTokens(text: string): number {
  return Math.ceil(text.length / CHARS_PER_TOKEN) + TOKENS_PER_MESSAGE;
}

/** The text with its middle left out where it is longer than `maxTokens`. */
export function cutToTokens(text: string, maxTokens: number): string {
  const maxChars = maxTokens * CHARS_PER_TOKEN;
  if (text.length <= maxChars) return text;
  const mark = `\n[… ${text.length - maxChars} characters left out …]\n`;
  const half = Math.max(0, Math.floor((maxChars - mark.length) / 2));
  return `${text.slice(0, half)}${mark}${text.slice(text.length - half)}`;
}
