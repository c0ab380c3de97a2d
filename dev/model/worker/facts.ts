import path from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import * as z from 'zod/mini';
import type { Round } from '../wire/request.ts';

/** The first command of each turn: what has been done before, and which files there are. */
export const LOOK_AROUND =
  'git log --oneline -3; git status --short --branch -uall; git ls-files | head -300';
/** Proves the work. */
export const TEST_COMMAND = 'npm test';

/** What a run of the tests said. */
export type TestOutcome = { passed: boolean; sentence: string };

export type Facts = {
  /** Subjects of the newest commits when the worker looked around; null until it has. */
  log: string | null;
  /** Paths of the repository's files; those written since are among them. */
  paths: Set<string>;
  /** Texts of the files as they are now, as far as they were read or written. */
  texts: Map<string, string>;
  /** Edits that Claude Code refused, by path. */
  refusals: Map<string, number>;
  /** Commands that ran. */
  ran: Set<string>;
  /** The last test run since the last change; null when there was none since. */
  tests: TestOutcome | null;
  /** True when there is something that is in no commit. */
  dirty: boolean;
  commits: { made: number; refused: number };
};

const FileInput = z.object({
  file_path: z.string(),
  content: z.optional(z.string()),
  old_string: z.optional(z.string()),
  new_string: z.optional(z.string()),
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

/** Reads the counts that node:test's spec (`ℹ pass 3`) and TAP (`# pass 3`) reporters print. */
export function readTestOutcome(coloured: string, commandFailed: boolean): TestOutcome {
  const output = stripVTControlCharacters(coloured);
  const count = (what: string) => {
    const found = new RegExp(`^[ℹ#] ${what} (\\d+)`, 'm').exec(output)?.[1];
    return found === undefined ? null : Number(found);
  };
  const [total, good] = [count('tests'), count('pass')];
  if (total === null || good === null) {
    const line = output.split('\n').find((one) => !/^(?:Exit code|>|npm warn|\s*$)/.test(one));
    return {
      passed: false,
      sentence: `The tests could not be run: ${line?.trim() ?? 'no output'}.`,
    };
  }
  const passed = good === total && !commandFailed;
  const sentence = passed ? `Tests ran: ${good} pass.` : `Tests fail: ${total - good} of ${total}.`;
  return { passed, sentence };
}

/** Commits up to the line with the branch, then what is in none of them, then the files. */
function lookAround(facts: Facts, output: string): void {
  const [log = '', rest = ''] = output.split(/^## .*$/m);
  facts.log = log;
  const gone = new Set<string>();
  for (const line of rest.split('\n').filter((one) => one !== '')) {
    const [, state, file = line] = /^([ MADRCUT?!]{2}) (?:.* -> )?(.+)$/.exec(line) ?? [];
    facts.dirty ||= state !== undefined;
    // The index still lists what was deleted.
    if (state?.includes('D') === true) gone.add(file);
    if (!gone.has(file)) facts.paths.add(file);
  }
}

function learnCommand(facts: Facts, command: string, { result, failed }: Round): void {
  facts.ran.add(command);
  if (command === LOOK_AROUND) lookAround(facts, result);
  if (command === TEST_COMMAND) facts.tests = readTestOutcome(result, failed);
  if (!command.includes('git commit')) return;
  const isRefused = failed && !result.includes('nothing to commit');
  facts.commits[isRefused ? 'refused' : 'made'] += 1;
  facts.dirty = isRefused;
}

function learnFile(facts: Facts, file: string, input: z.infer<typeof FileInput>, round: Round) {
  const { content, old_string = '', new_string = '' } = input;
  const known = facts.texts.get(file);
  const refused = round.failed || (round.name === 'Edit' && known === undefined);
  if (round.name === 'Read') {
    if (refused) facts.paths.delete(file);
    else facts.texts.set(file, textOfRead(round.result));
    return;
  }
  // A file that could not be written because it was never read is there.
  facts.paths.add(file);
  if (refused) {
    // What was known of it is wrong: it is to be read again.
    facts.refusals.set(file, (facts.refusals.get(file) ?? 0) + 1);
    facts.texts.delete(file);
    return;
  }
  facts.texts.set(file, content ?? known?.replace(old_string, () => new_string) ?? '');
  facts.tests = null;
  facts.dirty = true;
}

/** Everything that the tool calls of this turn have shown, oldest first. */
export function gatherFacts(cwd: string, rounds: readonly Round[]): Facts {
  const facts: Facts = {
    log: null,
    paths: new Set(),
    texts: new Map(),
    refusals: new Map(),
    ran: new Set(),
    tests: null,
    dirty: false,
    commits: { made: 0, refused: 0 },
  };
  for (const round of rounds) {
    const bash = BashInput.safeParse(round.input);
    const file = FileInput.safeParse(round.input);
    if (round.name === 'Bash' && bash.success) learnCommand(facts, bash.data.command, round);
    if (['Read', 'Write', 'Edit'].includes(round.name) && file.success) {
      learnFile(facts, path.posix.relative(cwd, file.data.file_path), file.data, round);
    }
  }
  return facts;
}
