/** Seen by nobody, and the end of a word to all who look for words. */
const JOINER = '\u2060';

const SPAN = /(?<!`)(`+)(?!`)(.*?)(?<!`)\1(?!`)/g;
const FENCE_OPENS = /^(?:(`{3,})[^`]*|(~{3,}).*)$/;
/** It may open a fence, or be what stands within an item of a list: that depends on what came before. */
const FENCE_IN_DOUBT = /^ {1,3}(?:`{3}|~{3})/;
/** What may make a backtick mean something else: one that is left over, markup; a cell of a table, a label, an escape. */
const IN_DOUBT = /`|<[A-Za-z!?/]/;
const AROUND_CODE_IN_DOUBT = /\||\]:|\\`/;

/** A closing word, what may stand between, and the issue: https://docs.github.com/en/issues/tracking-your-work-with-issues/linking-a-pull-request-to-an-issue */
const CLOSING =
  /(?<![A-Za-z0-9])(close[sd]?|fix(?:e[sd])?|resolve[sd]?)((?:<[^>\n]{0,200}>|&[a-z]{1,10};|[^\p{L}\p{N}<&]){1,20})((?:https?:\/\/[^\s/]+\/)?(?:([\w.-]+\/[\w.-]+)(?:#|\/(?:issues|pull)\/)|#|gh-)(\d+))/giu;
const MENTION = /(?<![A-Za-z0-9])@/g;
/** A character written as its number or its name, which may be an `@`, a `#` or a letter. */
const ENTITY = /&(?=#|commat;|num;)/gi;
/** A line that programs take for an order to them. They read what was written, within code, too. */
const ORDER = /^([ \t]*)(?=\/[a-z][a-z-]*(?:[ \t]|$)|@?bors\b)/gim;

/** The lines of a text, each with whether it belongs to a fenced block; null where what is code is in doubt. */
function linesOf(text: string): { line: string; isCode: boolean }[] | null {
  let fence: string | null = null;
  const lines: { line: string; isCode: boolean }[] = [];
  for (const line of text.split('\n')) {
    if (fence !== null) {
      lines.push({ line, isCode: true });
      const closes = /^ {0,3}(`{3,}|~{3,})[ \t]*$/.exec(line)?.[1];
      if (closes?.startsWith(fence)) fence = null;
      continue;
    }
    const opens = FENCE_OPENS.exec(line);
    fence = opens?.[1] ?? opens?.[2] ?? null;
    lines.push({ line, isCode: fence !== null });
    if (fence !== null) continue;
    const hasCode = line.includes('`');
    if (FENCE_IN_DOUBT.test(line) || IN_DOUBT.test(line.replace(SPAN, ''))) return null;
    if (hasCode && AROUND_CODE_IN_DOUBT.test(line)) return null;
  }
  if (fence !== null) lines.push({ line: fence, isCode: true });
  return lines;
}

const plainly = (text: string) => text.replace(ENTITY, '&amp;').replace(MENTION, `@${JOINER}`);

/** The line's prose made plain, its code spans as they are. */
function besideSpans(line: string): string {
  const spans = [...line.matchAll(SPAN)];
  let from = 0;
  let made = '';
  for (const { 0: span, index } of spans) {
    made += plainly(line.slice(from, index)) + span;
    from = index + span.length;
  }
  return made + plainly(line.slice(from));
}

/** True when the person's own words name this issue. */
function isNamed(
  own: string,
  ref: string,
  repository: string | undefined,
  number: string,
): boolean {
  if (repository !== undefined) return own.toLowerCase().includes(ref.toLowerCase());
  return new RegExp(`(?:#|gh-|\\bissues?[ /])${number}(?!\\d)`, 'i').test(own);
}

/**
 * A worker's words for the git host, where Mainloop's token says them: they call nobody (`@org/team`),
 * close no issue but those that the person named (`Fixes #12`), and order no program about (`/approve`).
 * They read as before: an invisible character parts what would act. Code is left as it is, since it is
 * copied, but only in a text where nothing can make it anything else: whoever is not sure parts too much.
 *
 * @param own the person's own words about this task.
 */
export function harmless(text: string, own: string): string {
  const whole = text.replace(/\r\n?/g, '\n');
  const lines = linesOf(whole);
  const uncalled =
    lines === null
      ? plainly(whole)
      : lines.map(({ line, isCode }) => (isCode ? line : besideSpans(line))).join('\n');
  return uncalled
    .replace(CLOSING, (all, word: string, between: string, ref: string, repository, number) =>
      isNamed(own, ref, repository, number)
        ? all
        : `${word.slice(0, 1)}${JOINER}${word.slice(1)}${between}${ref}`,
    )
    .replace(ORDER, `$1${JOINER}`);
}

/** The same in a comment, quoted line by line: programs that take orders pass over what is quoted. */
export function quotedHarmless(text: string, own: string): string {
  return harmless(text, own)
    .split('\n')
    .map((line) => `> ${line}`.trimEnd())
    .join('\n');
}

/** What the person, and the conversation for them, said about the task. */
export const ownWords = ({ title, prompt }: { title: string; prompt: string }): string =>
  `${title}\n${prompt}`;

/** What the merge's commit says: the task's own title. Left to itself, the host may put the worker's words there. */
export function mergeWords(
  { title, taskId }: { title: string; taskId: string },
  number: number,
): { title: string; message: string } {
  return { title: `${title} (#${number})`, message: `Mainloop task ${taskId}` };
}
