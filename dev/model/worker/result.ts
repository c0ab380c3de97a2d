import type { Facts } from './facts.ts';
import type { Job, Order } from './job.ts';
import type { TestOutcome } from './test-output.ts';

/** What the runner reads at the end: the answer, and the pull request's title and body. */
export type WorkResult = { summary: string; title: string; body: string };

/** Everything that the result is made of. */
export type Work = {
  job: Job;
  order: Order;
  facts: Facts;
  /** Files in which the place for a change was not found. */
  lost: readonly string[];
  /** Remarks that were not carried out. */
  passedOn: readonly string[];
};

const SIGNATURE =
  '_Made by the offline model of the local stack, through Claude Code’s own tools._';
const MAX_NAMES = 5;

/** True when nothing speaks against calling the work done. */
function sound({ facts, lost }: Work): boolean {
  return (facts.tests === null || facts.tests.is === 'passed') && lost.length === 0 && !facts.dirty;
}

/** The tests in one sentence. Null: there are none to run. */
export function testSentence(tests: TestOutcome | null): string {
  if (tests === null) return 'There are no tests to run.';
  switch (tests.is) {
    case 'passed':
      return `Tests ran: ${tests.passed} pass.`;
    case 'failed':
      return `Tests fail: ${tests.failed} of ${tests.total}.`;
    case 'unclear':
      return `The tests could not be run: ${tests.line}.`;
  }
}

export function titleOf(work: Work): string {
  const title = work.job.title(work.order);
  return sound(work) || work.facts.tests?.is === 'passed' ? title : `WIP: ${title}`;
}

function summaryOf(work: Work, changedNow: boolean): string {
  const { job, order, facts, lost } = work;
  const tests = testSentence(facts.tests);
  if (facts.dirty) return `The work could not be committed. ${tests}`;
  if (!sound(work)) {
    const missing =
      lost.length > 0 ? ` The place for a change was not found in ${lost.join(', ')}.` : '';
    return `Not finished: ${job.title(order)}. ${tests}${missing}`;
  }
  const before = changedNow || facts.log.includes(job.title(order));
  return `${job.headline(order)} ${before ? '' : 'It was there already, nothing had to change. '}${tests}`;
}

function testSection(tests: TestOutcome | null): string {
  const sentence = testSentence(tests);
  if (tests?.is !== 'failed') {
    return tests?.is === 'passed' ? `\`npm test\`: ${tests.passed} pass, none fails.` : sentence;
  }
  const names = tests.names.slice(0, MAX_NAMES).map((name) => `- ${name}`);
  return [`**${sentence}** This is not ready to be merged.`, '', ...names].join('\n');
}

/** The result, with no claim that the last test run does not bear out. */
export function resultOf(work: Work): WorkResult {
  const { job, order, facts, lost, passedOn } = work;
  const files = [...facts.texts.keys()];
  const changedNow = facts.commands.some(
    ({ command, failed }) => command.includes('git commit') && !failed,
  );
  const sections = [
    `## What\n\n${job.headline(order)}`,
    `## Why\n\n${job.why(order)}`,
    `## How it was tested\n\n${testSection(facts.tests)}`,
  ];
  if (lost.length > 0) {
    sections.push(`## Left out\n\nThe place for a change was not found in ${lost.join(', ')}.`);
  }
  if (passedOn.length > 0) {
    const list = passedOn.map((remark) => `- “${remark.replaceAll('\n', ' ')}”`).join('\n');
    sections.push(`## Said meanwhile, and not done\n\n${list}`);
  }
  sections.push(SIGNATURE);
  return {
    summary: summaryOf(work, changedNow && files.length > 0),
    title: titleOf(work),
    body: sections.join('\n\n'),
  };
}
