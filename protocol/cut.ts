/** Stands for what was left out. */
const MARK = ' […]';

/** Bytes that a code point takes in JSON as UTF-8. */
function jsonBytes(code: number): number {
  // Two of these have a short escape: counted like the others, which is more than they take.
  if (code < 0x20) return 6;
  if (code === 0x22 || code === 0x5c) return 2;
  if (code < 0x80) return 1;
  if (code < 0x800) return 2;
  return code < 0x10000 ? 3 : 4;
}

/**
 * The beginning of a text, marked as such where it is longer: what takes no more than this as JSON in
 * UTF-8, which is how storage and the wire count. Always whole characters.
 */
export function cutToBytes(text: string, maxBytes: number): string {
  const whole = text.toWellFormed();
  // A code unit takes six bytes at most: most texts need not be counted.
  if (whole.length * 6 <= maxBytes) return whole;
  let bytes = 0;
  let kept = 0;
  for (let at = 0; at < whole.length;) {
    const code = whole.codePointAt(at) ?? 0;
    bytes += jsonBytes(code);
    if (bytes > maxBytes) return `${whole.slice(0, kept)}${MARK}`;
    at += code > 0xffff ? 2 : 1;
    if (bytes <= maxBytes - MARK.length - 2) kept = at;
  }
  return whole;
}

/** Share of a text's bound that its beginning gets where both ends are kept. */
const HEAD_SHARE = 0.6;

/** The beginning and the end of a text, within the same bound as `cutToBytes`; whole where it fits. */
export function cutMiddleToBytes(text: string, maxBytes: number): string {
  const whole = text.toWellFormed();
  if (cutToBytes(whole, maxBytes) === whole) return whole;
  const head = cutToBytes(whole, Math.floor(maxBytes * HEAD_SHARE));
  // A line break takes as many bytes as any control character is counted with.
  let room = maxBytes - Math.ceil(maxBytes * HEAD_SHARE) - 6;
  let from = whole.length;
  while (from > 0) {
    const isPair = from > 1 && (whole.codePointAt(from - 2) ?? 0) > 0xffff;
    const at = from - (isPair ? 2 : 1);
    room -= jsonBytes(whole.codePointAt(at) ?? 0);
    if (room < 0) break;
    from = at;
  }
  return `${head}\n${whole.slice(from)}`;
}
