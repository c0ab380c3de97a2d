/** A text up to this length is shown whole. */
const WHOLE_MAX_CHARS = 1_200;
const WHOLE_MAX_LINES = 16;
/** What of a longer one is shown, so that folding it hides more than a line or two. */
const BEGINNING_CHARS = 800;
const BEGINNING_LINES = 10;

/** The beginning of a long text, whole words of it; null where it is short enough to be shown. */
export function beginningOf(text: string): string | null {
  if (
    text.length <= WHOLE_MAX_CHARS &&
    text.split('\n', WHOLE_MAX_LINES + 1).length <= WHOLE_MAX_LINES
  ) {
    return null;
  }
  const lines = text.slice(0, BEGINNING_CHARS).split('\n', BEGINNING_LINES).join('\n');
  const isCutInWord = lines.length === BEGINNING_CHARS && !/\s/.test(text[BEGINNING_CHARS] ?? ' ');
  const words = isCutInWord ? lines.replace(/\s\S{0,100}$/, '') : lines;
  // A code block that was cut is closed: what follows it is no code.
  const fence = (words.match(/^```/gm)?.length ?? 0) % 2 === 1 ? '\n```' : '';
  return `${words.trimEnd().toWellFormed()} …${fence}`;
}
