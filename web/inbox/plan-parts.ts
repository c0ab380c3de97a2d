/** One way that a plan offers, with what the plan says of it. */
export type Way = { name: string; says: string };

const HEADING = /^#{1,6}\s*(?:alternatives|options)\b.*$/im;
const NEXT_HEADING = /^#{1,6}\s/m;
const ITEM_BEGINS = /^(?=[ \t]*(?:[-*]|\d+[.)])[ \t]+)/m;
const MARKER = /^[ \t]*(?:[-*]|\d+[.)])[ \t]+/;
/** The plan as it stands, whatever the worker calls it. */
const AS_PLANNED = /^as (?:planned|proposed|described)\b/i;

/** What the list of alternatives says of one of them, without its name; null when that is not in it. */
function saidOf(items: readonly string[], name: string): string | null {
  for (const item of items) {
    const text = item.replace(MARKER, '').replaceAll('**', '').replace(/\s+/g, ' ').trim();
    if (!text.toLowerCase().startsWith(name.toLowerCase())) continue;
    return text.slice(name.length).replace(/^[\s:.–—-]+/, '');
  }
  return null;
}

/**
 * A plan as it is decided about: its text without the list of alternatives, where each of them can be
 * shown beside its button instead. Where the list cannot be read, it stays in the text.
 */
export function planParts(
  text: string,
  alternatives: readonly string[],
): { text: string; ways: Way[]; offersAsPlanned: boolean } {
  const offersAsPlanned = alternatives.some((name) => AS_PLANNED.test(name));
  const whole = { text, ways: alternatives.map((name) => ({ name, says: '' })), offersAsPlanned };
  const heading = HEADING.exec(text);
  if (heading === null || alternatives.length === 0) return whole;
  const after = text.slice(heading.index + heading[0].length);
  const end = NEXT_HEADING.exec(after)?.index ?? after.length;
  const items = after
    .slice(0, end)
    .split(ITEM_BEGINS)
    .filter((item) => MARKER.test(item));
  const said = alternatives.map((name) => saidOf(items, name));
  if (said.includes(null)) return whole;
  return {
    text: `${text.slice(0, heading.index)}${after.slice(end)}`.trim(),
    ways: alternatives.map((name, place) => ({ name, says: said[place] ?? '' })),
    offersAsPlanned,
  };
}
