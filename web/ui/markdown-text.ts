/**
 * Closes what a half-streamed text has opened, so that its look does not jump when the rest comes:
 * emphasis, code and links of the last paragraph.
 */
export function completeMarkdown(text: string): string {
  const at = text.lastIndexOf('\n\n') + 1;
  const fences = text.match(/^```/gm)?.length ?? 0;
  // Inside a code block nothing is markup, and the lexer closes the block itself.
  if (fences % 2 === 1) return text;
  let last = text.slice(at);
  last = last.replace(/!?\[([^\]]*)$/, '$1').replace(/!?\[([^\]]*)\]\([^)]*$/, '$1');
  if ((last.match(/`/g)?.length ?? 0) % 2 === 1) return `${text.slice(0, at)}${last}\``;
  if ((last.match(/\*\*/g)?.length ?? 0) % 2 === 1) {
    last = last.endsWith('**') ? last.slice(0, -2) : `${last}**`;
  }
  return text.slice(0, at) + last;
}

/** An address that a link may lead to; anything else is shown as text. */
export function safeHref(href: string): string | null {
  try {
    const url = new URL(href);
    return ['https:', 'http:', 'mailto:'].includes(url.protocol) ? url.href : null;
  } catch {
    return null;
  }
}

/** The lowest heading of HTML. */
const LEVEL_MAX = 6;

/**
 * The levels of a text's headings, from their numbers of `#`: below the page's own heading of level
 * `under`, and none left out, whatever its writer began with. Assistive technology leads through them.
 */
export function headingLevels(depths: readonly number[], under: number): number[] {
  const open: number[] = [];
  return depths.map((depth) => {
    while ((open.at(-1) ?? 0) >= depth) open.pop();
    open.push(depth);
    return Math.min(under + open.length, LEVEL_MAX);
  });
}
