import { stripVTControlCharacters } from 'node:util';

/** What a run of the tests said. Only `passed` lets the worker claim success. */
export type TestOutcome =
  | { is: 'passed'; passed: number }
  | { is: 'failed'; failed: number; total: number; names: string[] }
  /** The run gave no count: the command is missing, or it crashed. */
  | { is: 'unclear'; line: string };

/** A number of the summary that node:test's spec (`ℹ pass 3`) and TAP (`# pass 3`) reporters print. */
function count(output: string, what: string): number | null {
  const found = new RegExp(`^[ℹ#] ${what} (\\d+)`, 'm').exec(output)?.[1];
  return found === undefined ? null : Number(found);
}

function failingNames(output: string): string[] {
  const names = output.matchAll(/^\s*(?:✖|not ok \d+ -) (.+?)(?: \([\d.]+ms\))?$/gm);
  return [...new Set([...names].map((match) => match[1] ?? ''))].filter(
    (name) => name !== 'failing tests:',
  );
}

export function readTestOutcome(coloured: string, commandFailed: boolean): TestOutcome {
  const output = stripVTControlCharacters(coloured);
  const passed = count(output, 'pass');
  const failed = count(output, 'fail');
  if (passed === null || failed === null) {
    const told = output.split('\n').find((line) => !/^(?:Exit code|>|npm warn|\s*$)/.test(line));
    return { is: 'unclear', line: told?.trim() ?? 'no output' };
  }
  const cancelled = count(output, 'cancelled') ?? 0;
  if (failed + cancelled > 0 || commandFailed) {
    const total = count(output, 'tests') ?? passed + failed + cancelled;
    return { is: 'failed', failed: failed + cancelled, total, names: failingNames(output) };
  }
  return { is: 'passed', passed };
}
