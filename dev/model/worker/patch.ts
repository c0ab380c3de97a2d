/** What stands for `{{name}}` in a job's texts and patches; `{{'name'}}` puts each item of a list in quotes. */
export type Values = Readonly<Record<string, string>>;

const SLOT = /\{\{'?\w+'?\}\}/g;

export function filled(text: string, values: Values): string {
  return text.replace(SLOT, (slot) => {
    const value = values[slot.replace(/\W/g, '')] ?? '';
    return slot.includes("'") ? value.replace(/[^,\s][^,]*/g, (item) => `'${item}'`) : value;
  });
}

/** One run of changed lines of a patch, with the lines around it. */
export type Change = {
  path: string;
  /** True when the patch makes the file. */
  creates: boolean;
  before: string[];
  old: string[];
  new: string[];
  after: string[];
};

/** The changes of a unified diff, as `git diff` writes it. */
export function readPatch(patch: string): Change[] {
  const files = patch.split(/^diff --git .*\n/m).slice(1);
  return files.flatMap((file) => {
    const path = /^\+\+\+ b\/(.+)$/m.exec(file)?.[1] ?? '';
    const creates = file.includes('\n--- /dev/null\n');
    const hunks = file.split(/^@@.*\n/m).slice(1);
    return hunks.flatMap((hunk) => {
      // Lines of the context and changed lines by turns, beginning and ending with context.
      const runs = hunk.split(/((?:^[-+].*\n)+)/m).map((run) => run.split('\n').slice(0, -1));
      return runs.flatMap((run, at): Change[] => {
        const lines = (mark: string, of = run) =>
          of.filter((line) => line.startsWith(mark)).map((line) => line.slice(1));
        const [before, after] = [lines('', runs[at - 1]), lines('', runs[at + 1])];
        const change = { path, creates, before, old: lines('-'), new: lines('+'), after };
        return at % 2 === 1 ? [change] : [];
      });
    });
  });
}

/** What a file still needs, in the terms of Claude Code's tools. */
export type Edit =
  | { is: 'present' }
  | { is: 'write'; content: string }
  /** `old` stands in the text exactly once. */
  | { is: 'edit'; old: string; new: string }
  /** The place where it belongs is not there. */
  | { is: 'lost' };

const hasLines = (text: string, lines: string) => `\n${text}\n`.includes(`\n${lines}\n`);

/** How many lines of the context to go by: all of it first, for what others changed near by shall not matter. */
const REACHES = [0, 1, 2, 3]
  .flatMap((before) => [0, 1, 2, 3].map((after) => ({ before, after })))
  .toSorted((one, other) => other.before + other.after - one.before - one.after);

/** The edit that brings a change into a file's text as it is now; null where there is no such file. */
export function editFor(change: Change, text: string | null, values: Values): Edit {
  const template = change.new.join('\n');
  const lines = filled(template, values);
  const write = { is: 'write', content: `${lines}\n` } as const;
  if (text === null) return change.creates ? write : { is: 'lost' };
  if (hasLines(text, lines)) return { is: 'present' };
  // The same lines with other values: something else was decided since.
  const parts = template.split(SLOT).map(RegExp.escape);
  const [earlier] = new RegExp(`^${parts.join('.*')}$`, 'm').exec(text) ?? [];
  // What somebody else made of a new file stays.
  if (change.creates) return earlier === undefined ? { is: 'present' } : write;
  if (earlier !== undefined) return { is: 'edit', old: earlier, new: lines };
  for (const reach of REACHES) {
    const before = change.before.slice(Math.max(0, change.before.length - reach.before));
    const after = change.after.slice(0, reach.after);
    const old = [...before, ...change.old, ...after].join('\n');
    if (old.trim() !== '' && text.split(old).length === 2 && hasLines(text, old)) {
      return { is: 'edit', old, new: [...before, lines, ...after].join('\n') };
    }
  }
  return { is: 'lost' };
}
