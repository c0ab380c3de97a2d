/**
 * Claude's tokenizer needs at least this many bytes of UTF-8 a token for prose; code and JSON come
 * close to it. Bytes and not characters: one of Chinese is a token or more.
 */
const BYTES_PER_TOKEN = 3;
const TOKENS_PER_MESSAGE = 4;
/** Room for the mark that stands for what was left out. */
const MARK_BYTES = 50;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** A cautious estimate, in tokens: above what the Messages API counts for text that people write. */
export function estimateTokens(text: string): number {
  return tokensOf({ count: 1, bytes: encoder.encode(text).length });
}

/** The same for so many texts, of which only the size is known. */
export function tokensOf({ count, bytes }: { count: number; bytes: number }): number {
  return Math.ceil(bytes / BYTES_PER_TOKEN) + count * TOKENS_PER_MESSAGE;
}

/**
 * The text with its middle left out where it is longer than `maxTokens`. Always whole characters:
 * the Messages API refuses JSON with half of one.
 */
export function cutToTokens(text: string, maxTokens: number): string {
  const bytes = encoder.encode(text);
  const maxBytes = maxTokens * BYTES_PER_TOKEN;
  if (bytes.length <= maxBytes) return text.toWellFormed();
  const half = Math.max(0, Math.floor((maxBytes - MARK_BYTES) / 2));
  const isInside = (at: number) => ((bytes[at] ?? 0) & 0xc0) === 0x80;
  let end = half;
  while (isInside(end)) end--;
  let start = bytes.length - half;
  while (isInside(start)) start++;
  const head = decoder.decode(bytes.subarray(0, end));
  const tail = decoder.decode(bytes.subarray(start));
  const left = text.length - head.length - tail.length;
  return `${head}\n[… ${left} characters left out …]\n${tail}`;
}
