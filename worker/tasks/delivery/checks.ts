/** One check of a commit, as its newest try has it. Two may have the same name: jobs of two workflows. */
export type Check = {
  name: string;
  state: 'pending' | 'passed' | 'failed';
  /** What it printed, as far as the host tells; may be empty. */
  log: string;
};

/** Checks that are named. */
export const NAMED_MAX = 20;

/** What all checks of a commit say together. */
export type ChecksVerdict =
  | { is: 'none' }
  | { is: 'pending' }
  | { is: 'passed'; count: number; names: string[] }
  | { is: 'failed'; failed: Check[] };

/** A failure counts at once, while others still run: mending can begin, and the next push runs them all again. */
export function checksVerdict(checks: readonly Check[]): ChecksVerdict {
  const failed = checks.filter(({ state }) => state === 'failed');
  if (failed.length > 0) return { is: 'failed', failed };
  if (checks.length === 0) return { is: 'none' };
  if (checks.some(({ state }) => state === 'pending')) return { is: 'pending' };
  const names = [...new Set(checks.map(({ name }) => name))].slice(0, NAMED_MAX);
  return { is: 'passed', count: checks.length, names };
}

/** How a check run ended, in our three words. https://docs.github.com/en/rest/checks/runs */
export function stateOfRun(status: string, conclusion: string | null): Check['state'] {
  if (status !== 'completed') return 'pending';
  return conclusion === 'success' || conclusion === 'neutral' || conclusion === 'skipped'
    ? 'passed'
    : 'failed';
}

/** The same for a commit status. https://docs.github.com/en/rest/commits/statuses */
export function stateOfStatus(state: string): Check['state'] {
  if (state === 'pending') return 'pending';
  return state === 'success' ? 'passed' : 'failed';
}

const ESCAPES = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*[A-Za-z]`, 'g');

/** The end of a log, from the beginning of a line, without colours. */
export function tailOf(log: string, maxChars: number): string {
  const plain = log.replace(ESCAPES, '').trimEnd();
  if (plain.length <= maxChars) return plain;
  const end = plain.slice(-maxChars);
  return `… (cut)\n${end.slice(end.indexOf('\n') + 1)}`;
}
