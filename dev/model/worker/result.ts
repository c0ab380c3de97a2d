import type { Facts, TestOutcome } from './facts.ts';
import type { Job, Order, Stage, Texts } from './job.ts';

/** What the runner reads at the end: the answer, and the pull request's title and body. */
export type WorkResult = { summary: string; title: string; body: string };

/** Everything that the result is made of. */
export type Work = {
  texts: Texts;
  facts: Facts;
  /** Files in which the place for a change was not found. */
  lost: readonly string[];
  /** Remarks that were not carried out. */
  passedOn: readonly string[];
};

const SIGNATURE =
  '_Made by the offline model of the local stack, through Claude Code’s own tools._';

const bullets = (lines: readonly string[]) => lines.map((line) => `- ${line}`).join('\n');

export function testSentence(tests: TestOutcome | null): string {
  return tests?.sentence ?? 'There are no tests to run.';
}

export function titleOf({ texts, facts }: Work): string {
  return facts.tests?.passed === false ? `WIP: ${texts.title}` : texts.title;
}

function summaryOf({ texts, facts, lost }: Work): string {
  const { title, headline } = texts;
  const tests = testSentence(facts.tests);
  if (facts.dirty) return `The work could not be committed. ${tests}`;
  if (facts.tests?.passed === false || lost.length > 0) return `Not finished: ${title}. ${tests}`;
  const isNew = facts.commits.made > 0 || facts.log?.includes(title) === true;
  return `${headline} ${isNew ? '' : 'It was there already, nothing had to change. '}${tests}`;
}

/** The result, with no claim that the last test run does not bear out. */
export function resultOf(work: Work): WorkResult {
  const places = work.lost.map((file) => `The place for a change was not found in ${file}.`);
  const remarks = work.passedOn.map((remark) => `“${remark.replaceAll('\n', ' ')}”`);
  const sections = [
    `## What\n\n${work.texts.headline}`,
    `## Why\n\n${work.texts.why}`,
    `## How it was tested\n\n${testSentence(work.facts.tests)}`,
    ...(places.length > 0 ? [`## Left out\n\n${bullets(places)}`] : []),
    ...(remarks.length > 0 ? [`## Said meanwhile, and not done\n\n${bullets(remarks)}`] : []),
    SIGNATURE,
  ];
  return { summary: summaryOf(work), title: titleOf(work), body: sections.join('\n\n') };
}

/** The plan: what changes, file by file, in the order of the work. */
export function planText(
  { title, headline, why }: Texts,
  { alternatives }: Job,
  { remarks }: Order,
  stages: readonly Stage[],
): string {
  const steps = stages.flatMap((stage) =>
    stage.is === 'change' && stage.say !== '' ? [`\`${stage.change.path}\`: ${stage.say}`] : [],
  );
  const numbered = [...steps, 'Run all tests, and commit when they pass.'].map(
    (step, at) => `${at + 1}. ${step}`,
  );
  return [
    `# ${title}`,
    headline,
    `## Steps\n\n${numbered.join('\n')}`,
    `## Why\n\n${why}`,
    ...(remarks.length > 0 ? [`## As you asked\n\n${bullets(remarks)}`] : []),
    ...(alternatives === undefined ? [] : [`## Alternatives\n\n${bullets(alternatives)}`]),
  ].join('\n\n');
}
