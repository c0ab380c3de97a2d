import path from 'node:path';
import * as z from 'zod/mini';
import type { Round } from '../wire/request.ts';
import { type TestOutcome, readTestOutcome } from './test-output.ts';

/** The first command of each turn: what has been done before, and which files there are. */
export const LOOK_AROUND =
  'git log --oneline -3; git status --short --branch -uall; git ls-files | head -300';

/** Runs of these prove the work. */
export const TEST_COMMANDS = ['npm test', 'node --test --test-reporter=spec'] as const;

export type Facts = {
  cwd: string;
  /** False until the worker has looked around in this turn. */
  oriented: boolean;
  /** The newest commits when the worker looked around, one a line. */
  log: string;
  /** Paths of the repository's files; those written since are among them. */
  paths: Set<string>;
  /** Texts of the files as they are now, as far as they were read or written. */
  texts: Map<string, string>;
  /** Edits that Claude Code refused, by path. */
  refusals: Map<string, number>;
  /** Outputs of commands, newest last. */
  commands: { command: string; output: string; failed: boolean }[];
  /** The last test run since the last change; null when there was none since. */
  tests: TestOutcome | null;
  /** True when there is something that is in no commit. */
  dirty: boolean;
  commitRefusals: number;
};

const ReadInput = z.object({
  file_path: z.string(),
  offset: z.optional(z.number()),
  limit: z.optional(z.number()),
});
const WriteInput = z.object({ file_path: z.string(), content: z.string() });
const EditInput = z.object({
  file_path: z.string(),
  old_string: z.string(),
  new_string: z.string(),
  replace_all: z.optional(z.boolean()),
});
const BashInput = z.object({ command: z.string() });

/** A file's text out of Claude Code's numbered lines. */
export function textOfRead(result: string): string {
  return result
    .replace(/<system-reminder>[\s\S]*?<\/system-reminder>/g, '')
    .split('\n')
    .flatMap((line) => /^\s*\d+[\t→](.*)$/s.exec(line)?.[1] ?? [])
    .join('\n');
}

/** Commits up to the line with the branch, then what is in none of them, then the files. */
function lookedAround(facts: Facts, output: string): void {
  const lines = output.split('\n');
  const branch = lines.findIndex((line) => line.startsWith('## '));
  facts.oriented = true;
  facts.log = lines.slice(0, Math.max(0, branch)).join('\n');
  const gone: string[] = [];
  for (const line of lines.slice(branch + 1)) {
    const [, state, file] = /^([ MADRCUT?!]{2}) (.+)$/.exec(line) ?? [];
    if (state === undefined || file === undefined) {
      if (line.trim() !== '') facts.paths.add(line);
      continue;
    }
    facts.dirty = true;
    facts.paths.add(file.replace(/^.* -> /, ''));
    if (state.includes('D')) gone.push(file);
  }
  // The index still lists them.
  for (const file of gone) facts.paths.delete(file);
}

function changed(facts: Facts, file: string, text: string): void {
  facts.texts.set(file, text);
  facts.paths.add(file);
  facts.tests = null;
  facts.dirty = true;
}

function ran(facts: Facts, command: string, output: string, failed: boolean): void {
  facts.commands.push({ command, output, failed });
  if (command === LOOK_AROUND) lookedAround(facts, output);
  if (TEST_COMMANDS.some((one) => one === command)) {
    facts.tests = readTestOutcome(output, failed);
  }
  if (!command.includes('git commit')) return;
  if (failed && !output.includes('nothing to commit')) facts.commitRefusals += 1;
  else facts.dirty = false;
}

function learn(facts: Facts, round: Round): void {
  const { name, input, result, failed } = round;
  const relative = (file: string) =>
    facts.cwd === '' ? file : path.posix.relative(facts.cwd, file);
  switch (name) {
    case 'Bash': {
      const bash = BashInput.safeParse(input);
      if (bash.success) ran(facts, bash.data.command, result, failed);
      return;
    }
    case 'Read': {
      const read = ReadInput.safeParse(input);
      if (!read.success || read.data.offset !== undefined || read.data.limit !== undefined) return;
      const file = relative(read.data.file_path);
      if (failed) facts.paths.delete(file);
      else facts.texts.set(file, textOfRead(result));
      return;
    }
    case 'Write': {
      const write = WriteInput.safeParse(input);
      if (!write.success) return;
      const file = relative(write.data.file_path);
      if (failed) refused(facts, file);
      else changed(facts, file, write.data.content);
      return;
    }
    case 'Edit': {
      const edit = EditInput.safeParse(input);
      if (!edit.success) return;
      const file = relative(edit.data.file_path);
      const text = facts.texts.get(file);
      if (failed || text === undefined) return refused(facts, file);
      const { old_string, new_string, replace_all } = edit.data;
      changed(
        facts,
        file,
        replace_all === true
          ? text.split(old_string).join(new_string)
          : text.replace(old_string, () => new_string),
      );
    }
  }
}

/** What was known of a file whose edit was refused is wrong: it is to be read again. */
function refused(facts: Facts, file: string): void {
  facts.refusals.set(file, (facts.refusals.get(file) ?? 0) + 1);
  facts.texts.delete(file);
  // A file that could not be written because it was never read is there.
  facts.paths.add(file);
}

/** Everything that the tool calls of this turn have shown, oldest first. */
export function gatherFacts(cwd: string | null, rounds: readonly Round[]): Facts {
  const facts: Facts = {
    cwd: cwd ?? '',
    oriented: false,
    log: '',
    paths: new Set(),
    texts: new Map(),
    refusals: new Map(),
    commands: [],
    tests: null,
    dirty: false,
    commitRefusals: 0,
  };
  for (const round of rounds) learn(facts, round);
  return facts;
}
