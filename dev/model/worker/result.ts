import type { Facts, TestOutcome } from './facts.ts';
import type { Work } from './order.ts';

/** What the runner reads at the end: the answer, and the pull request's title and body. */
type WorkResult = { summary: string; tested: string; title: string; body: string };

const SIGNATURE =
  '_Made by the offline model of the local stack, through Claude Code’s own tools._';

const bullets = (lines: readonly string[]) => lines.map((line) => `- ${line}`).join('\n');
const section = (heading: string, lines: readonly string[]) =>
  lines.length === 0 ? [] : [`## ${heading}\n\n${bullets(lines)}`];

export function testSentence(tests: TestOutcome | null): string {
  return tests?.sentence ?? 'There are no tests to run.';
}

export function titleOf({ title }: Work, { tests }: Facts): string {
  return tests?.passed === false ? `WIP: ${title}` : title;
}

function summaryOf({ title, headline }: Work, facts: Facts, lost: readonly string[]): string {
  if (facts.dirty) return 'The work could not be committed.';
  if (facts.tests?.passed === false || lost.length > 0) return `Not finished: ${title}.`;
  const isNew = facts.commit === 'made' || facts.log?.includes(title) === true;
  return isNew ? headline : `${headline} It was there already, nothing had to change.`;
}

/**
 * The result, with no claim that the last test run does not bear out.
 * @param lost files in which the place for a change was not found
 * @param passedOn remarks that were not carried out
 */
export function resultOf(
  work: Work,
  facts: Facts,
  lost: readonly string[],
  passedOn: readonly string[],
): WorkResult {
  const places = lost.map((file) => `The place for a change was not found in ${file}.`);
  const remarks = passedOn.map((remark) => `“${remark.replaceAll('\n', ' ')}”`);
  const body = [
    `## What\n\n${work.headline}`,
    `## Why\n\n${work.why}`,
    `## How it was tested\n\n${testSentence(facts.tests)}`,
    ...section('Left out', places),
    ...section('Said meanwhile, and not done', remarks),
    SIGNATURE,
  ];
  return {
    summary: summaryOf(work, facts, lost),
    tested: testSentence(facts.tests),
    title: titleOf(work, facts),
    body: body.join('\n\n'),
  };
}

/** The plan: what changes, file by file, in the order of the work. */
export function planOf({ title, headline, why, order, alternatives, stages }: Work): string {
  const steps = stages.flatMap((stage) =>
    stage.is === 'change' && stage.say !== '' ? [`\`${stage.change.path}\`: ${stage.say}`] : [],
  );
  return [
    `# ${title}\n\n${headline}`,
    ...section('Steps', [...steps, 'Run all tests, and commit when they pass.']),
    `## Why\n\n${why}`,
    ...section('As you asked', order.remarks),
    ...section('Alternatives', alternatives),
  ].join('\n\n');
}
