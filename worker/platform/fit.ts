/** A Durable Object's row holds 2 MB at most; the rest is for the columns beside the largest one. */
export const ROW_MAX_BYTES = 1_900_000;
/**
 * A value of the key-value storage has the same limit, in a form that takes up to two bytes a
 * character where JSON takes one.
 */
export const VALUE_MAX_BYTES = ROW_MAX_BYTES / 2;
/** What long texts of a value that is too large are cut to, one after another, in UTF-16 code units. */
const CUTS_CHARS = [50_000, 5_000, 500];

const encoder = new TextEncoder();

/** True when the text takes no more than this in UTF-8. */
function fits(text: string, maxBytes: number): boolean {
  // A code unit takes three bytes at most: most texts need not be encoded to know.
  return text.length * 3 <= maxBytes || encoder.encode(text).byteLength <= maxBytes;
}

/** The start of a text, marked as such, not cut inside a character. */
export function cut(text: string, maxChars: number): string {
  if (text.length <= maxChars) return text;
  return `${text.slice(0, maxChars - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
}

/**
 * The value as JSON that one row can hold. Where it is too large its long texts are cut, which keeps
 * its shape; null when even that is not enough.
 */
export function fittingJson(
  value: unknown,
  maxBytes: number = ROW_MAX_BYTES,
): { json: string; whole: boolean } | null {
  const whole = JSON.stringify(value);
  if (fits(whole, maxBytes)) return { json: whole, whole: true };
  for (const maxChars of CUTS_CHARS) {
    const json = JSON.stringify(value, (_, part: unknown) =>
      typeof part === 'string' ? cut(part, maxChars) : part,
    );
    if (fits(json, maxBytes)) return { json, whole: false };
  }
  return null;
}
