/** A line of a file as a change shows it, with its number before and after. */
export type PatchLine = {
  is: 'same' | 'added' | 'removed';
  text: string;
  before: number | null;
  after: number | null;
  /** False where the file's last line has no line break. */
  ends: boolean;
};

/**
 * Lines of a file that stand together, and the function or heading that they stand in; `before` is the
 * number of the first of them before the change, 0 where the file was not there.
 */
export type Hunk = { within: string; before: number; lines: PatchLine[] };

/** A row of two texts side by side; null where one of them has nothing. */
export type Pair = { before: PatchLine | null; after: PatchLine | null };

const HEAD = /^@@ -(?<before>\d+)(?:,\d+)? \+(?<after>\d+)(?:,\d+)? @@ ?(?<within>.*)$/;
const KINDS: Record<string, PatchLine['is']> = { ' ': 'same', '+': 'added', '-': 'removed' };

/** Reads the hunks of `git diff`; what is none is left out. */
export function readPatch(patch: string): Hunk[] {
  const hunks: Hunk[] = [];
  let [before, after] = [0, 0];
  for (const text of patch.split('\n')) {
    const head = HEAD.exec(text)?.groups;
    const hunk = hunks.at(-1);
    if (head !== undefined) {
      [before, after] = [Number(head['before']), Number(head['after'])];
      hunks.push({ within: head['within'] ?? '', before, lines: [] });
      continue;
    }
    if (hunk === undefined) continue;
    const last = hunk.lines.at(-1);
    if (text.startsWith('\\') && last !== undefined) last.ends = false;
    const is = KINDS[text.charAt(0)];
    if (is === undefined) continue;
    hunk.lines.push({
      is,
      text: text.slice(1),
      before: is === 'added' ? null : before++,
      after: is === 'removed' ? null : after++,
      ends: true,
    });
  }
  return hunks;
}

/** Lines side by side: what was removed beside what was added in its place. */
export function inPairs(lines: readonly PatchLine[]): Pair[] {
  const pairs: Pair[] = [];
  let removed: PatchLine[] = [];
  let added: PatchLine[] = [];
  const flush = () => {
    for (let at = 0; at < Math.max(removed.length, added.length); at++) {
      pairs.push({ before: removed[at] ?? null, after: added[at] ?? null });
    }
    [removed, added] = [[], []];
  };
  for (const line of lines) {
    if (line.is === 'removed') {
      // A removal after additions belongs to another place.
      if (added.length > 0) flush();
      removed.push(line);
    } else if (line.is === 'added') added.push(line);
    else {
      flush();
      pairs.push({ before: line, after: line });
    }
  }
  flush();
  return pairs;
}

/** What a worker is told of a remark on a line: where it is, what stands there, what the person says. */
export function remarkOn(path: string, line: PatchLine, remark: string): string {
  const where =
    line.after === null
      ? `line ${line.before ?? 0} before the change`
      : `line ${line.after} as it is now`;
  return `About ${path}, ${where}:\n\n    ${line.text}\n\n${remark.trim()}`;
}
