import type { Answers, Question } from '../../../protocol/decision.ts';
import type { RunnerResult } from '../../../protocol/runner.ts';
import type { ClearedPush } from '../storage/task-keys.ts';
import type { PowerChange, PushChanges } from '../../gateway/push-changes.ts';

/** What a sandbox would push, as the gateway has worked it out. */
export type PushSeen = PushChanges & { commit: string; before: string | null; base: string };

/** A push is asked about under a name of ours, which no tool call of a worker's may have. */
const HELD = 'mainloop:push:';
const ALLOW = 'Allow';
const NOT_ALLOWED = 'Not allowed';
/** More than that nobody reads on a phone. */
const SHOWN_MAX_BYTES = 20_000;
/** Unchanged lines around what is changed. */
const CONTEXT_LINES = 3;
const NAMED_MAX = 10;
/** What is not seen, or turns around what is: all control and format characters and spaces but these three. https://www.unicode.org/reports/tr36/#Bidirectional_Text_Spoofing */
const UNSEEN = /(?![\t\n ])[\p{C}\p{Z}]|\p{Variation_Selector}/gu;

export const holdOf = (commit: string) => `${HELD}${commit}`;

/** The commit that was held; null for what a worker asked. */
export function heldCommit(toolUseId: string): string | null {
  return toolUseId.startsWith(HELD) ? toolUseId.slice(HELD.length) : null;
}

const seen = (text: string) =>
  text.replace(UNSEEN, (char) => `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`);

/** Of many names the first. */
export function namesOf(paths: readonly string[]): string {
  const more = paths.length - NAMED_MAX;
  const named = paths.slice(0, NAMED_MAX).map(seen).join(', ');
  return more > 0 ? `${named} and ${more} more` : named;
}

/** Asks whether the commit may be pushed; null when there is more than a person can look at. */
export function holdQuestion({ commit, fresh }: PushSeen): Question | null {
  const head = `May commit ${commit.slice(0, 7)} be pushed? It changes what acts by itself: ${namesOf(fresh.map(({ path }) => path))}`;
  const question = `${head}\n\n${fresh.map(diffOf).join('\n\n')}`;
  if (new TextEncoder().encode(question).byteLength > SHOWN_MAX_BYTES) return null;
  return {
    question,
    header: 'Push',
    options: [
      { label: ALLOW, description: 'This commit is pushed, and no other.' },
      { label: NOT_ALLOWED, description: 'The worker is told to take these changes back.' },
    ],
    multiSelect: false,
  };
}

/** True for the one word that allows it: more words mean something else. */
export function isAllowed([answer]: Answers): boolean {
  return answer?.chosen.length === 1 && answer.chosen[0] === ALLOW && answer.other.trim() === '';
}

/** What was decided, to the worker. */
export function holdWords(commit: string, answers: Answers): string {
  const short = commit.slice(0, 7);
  if (isAllowed(answers)) {
    return `The person allows your commit ${short} to be pushed as it is. Nothing is left to do: change no file and make no commit, and end again with your handover as before.`;
  }
  const other = answers[0]?.other.trim() ?? '';
  const said = other === '' ? '' : ` They say: ${other}`;
  return `The person does not allow your commit ${short} to be pushed, because of what it changes among the files that act by themselves (in .github, .mainloop, .claude and their like).${said} Make these files as they are on the base branch again, or as the person says, keep the rest of your work, commit, and end again with your handover. Say in it what was not allowed.`;
}

/** Whoever reviews what was delivered is told first what of it acts by itself. */
export function withPower(result: RunnerResult, cleared: ClearedPush | null): RunnerResult {
  if (result.is !== 'delivered' || result.commit !== cleared?.commit) return result;
  if (cleared.paths.length === 0) return result;
  const names = cleared.paths
    .slice(0, NAMED_MAX)
    .map((path) => `\`${seen(path).replaceAll('`', "'")}\``);
  const more = cleared.paths.length - names.length;
  const rest = more > 0 ? ` and ${more} more` : '';
  const note = `**Changes what acts by itself, as was allowed:** ${names.join(', ')}${rest}.`;
  return { ...result, summary: `${note}\n\n${result.summary}` };
}

/** The lines that differ, with some around them. */
function diffOf({ path, from, to, modes }: PowerChange): string {
  const what = from === null ? 'new' : to === null ? 'deleted' : 'changed';
  const title = `${seen(path)} (${what}${modes === null ? '' : `, mode ${modes}`})`;
  const [old, fresh] = [linesOf(from), linesOf(to)];
  let same = 0;
  while (same < Math.min(old.length, fresh.length) && old[same] === fresh[same]) same++;
  let tail = 0;
  while (
    tail < Math.min(old.length, fresh.length) - same &&
    old.at(-1 - tail) === fresh.at(-1 - tail)
  ) {
    tail++;
  }
  const above = old.slice(Math.max(0, same - CONTEXT_LINES), same);
  const below = old.slice(old.length - tail, old.length - tail + CONTEXT_LINES);
  const part = (mark: string, lines: string[]) => lines.map((line) => `${mark}${seen(line)}`);
  return [
    title,
    ...part(' ', above),
    ...part('-', old.slice(same, old.length - tail)),
    ...part('+', fresh.slice(same, fresh.length - tail)),
    ...part(' ', below),
  ].join('\n');
}

const linesOf = (text: string | null) => (text === null ? [] : text.split('\n'));
