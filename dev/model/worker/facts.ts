import path from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import * as z from 'zod/mini';
import type { Round } from '../wire.ts';

/** The first command of each turn: what has been done before, and which files there are. */
export const LOOK_AROUND =
  'git log --oneline -3; git status --short --branch -uall; git ls-files | head -300';
/** Proves the work. */
export const TEST_COMMAND = 'npm test';

/** What a run of the tests said. */
export type TestOutcome = { passed: boolean; sentence: string };

export type Facts = {
  cwd: string;
  /** Tool calls of this turn. */
  rounds: number;
  /** Subjects of the newest commits when the worker looked around; null until it has. */
  log: string | null;
  /** The repository's files by their paths, with the text that each has now; null until it is read or written. */
  files: Map<string, string | null>;
  /** Commands that ran. */
  ran: Set<string>;
  /** The last test run since the last change; null when there was none since. */
  tests: TestOutcome | null;
  /** True when there is something that is in no commit. */
  dirty: boolean;
  commit: 'none' | 'made' | 'refused';
};

const Text = z._default(z.string(), '');
const Input = z.object({
  command: Text,
  file_path: Text,
  content: z.optional(z.string()),
  old_string: Text,
  new_string: Text,
});

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
  const count = (of: string) => Number(new RegExp(`^[ℹ#] ${of} (\\d+)`, 'm').exec(output)?.[1]);
  const [total, good] = [count('tests'), count('pass')];
  if (Number.isNaN(total + good)) return { passed: false, sentence: 'The tests could not be run.' };
  const passed = good === total && !commandFailed;
  const sentence = passed ? `Tests ran: ${good} pass.` : `Tests fail: ${total - good} of ${total}.`;
  return { passed, sentence };
}

/** Commits up to the line with the branch, then what is in none of them, then the files. */
function lookAround(facts: Facts, output: string): void {
  const [log = '', rest = ''] = output.split(/^## .*$/m);
  facts.log = log;
  for (const line of rest.split('\n').filter((one) => one !== '')) {
    const [, file] = /^[ MADRCUT?!]{2} (?:.* -> )?(.+)$/.exec(line) ?? [];
    facts.dirty ||= file !== undefined;
    facts.files.set(file ?? line, null);
  }
}

function learnCommand(facts: Facts, command: string, { result, failed }: Round): void {
  facts.ran.add(command);
  if (command === LOOK_AROUND) lookAround(facts, result);
  if (command === TEST_COMMAND) facts.tests = readTestOutcome(result, failed);
  // A file that was copied into the repository is in no commit yet, and no test has seen it.
  if (command.startsWith('cp ') && !failed) {
    facts.dirty = true;
    facts.tests = null;
  }
  if (!command.includes('git commit')) return;
  facts.commit = failed ? 'refused' : 'made';
  facts.dirty = failed;
}

function learnFile(facts: Facts, input: z.infer<typeof Input>, round: Round): void {
  const { content, old_string, new_string } = input;
  const file = path.posix.relative(facts.cwd, input.file_path);
  if (round.name === 'Read') {
    if (round.failed) facts.files.delete(file);
    else facts.files.set(file, textOfRead(round.result));
    return;
  }
  const edited = content ?? facts.files.get(file)?.replace(old_string, () => new_string) ?? null;
  // A file that could not be written is there, and what was known of it is wrong: it is to be read.
  const text = round.failed ? null : edited;
  facts.files.set(file, text);
  facts.tests = null;
  facts.dirty ||= text !== null;
}

/** Everything that the tool calls of this turn have shown, oldest first. */
export function gatherFacts(cwd: string, rounds: readonly Round[]): Facts {
  const facts: Facts = {
    cwd,
    rounds: rounds.length,
    log: null,
    files: new Map(),
    ran: new Set(),
    tests: null,
    dirty: false,
    commit: 'none',
  };
  for (const round of rounds) {
    const { data } = Input.safeParse(round.input);
    if (round.name === 'Bash') learnCommand(facts, data?.command ?? '', round);
    else if (data !== undefined && data.file_path !== '') learnFile(facts, data, round);
  }
  return facts;
}
