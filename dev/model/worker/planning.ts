import { type Reply, call } from '../wire/reply.ts';
import { type ModelCall, type Round, roundsOf, textsOf } from '../wire/request.ts';
import type { Facts } from './facts.ts';
import type { Job, Order } from './job.ts';

/** A question as Claude Code's AskUserQuestion takes it. */
export type Question = {
  question: string;
  header: string;
  multiSelect: boolean;
  options: { label: string; description: string }[];
};

/** What was asked of the person and decided, over all of the session. */
export type Planning = {
  /** True while nothing may be changed: a plan is wanted, and none was approved. */
  active: boolean;
  /** Answers in words, by question. */
  answers: ReadonlyMap<string, string>;
  /** What the person wanted different in a plan, oldest first. */
  changes: string[];
  /** The alternative of the approved plan that was picked; empty when it is the plan as it stood. */
  picked: string;
};

// The first is the runner's wording, the second Claude Code's, the others the runner's again.
const PLAN_FIRST = 'You plan first:';
const ANSWER = /"([^"]+)"="([^"]*)"/g;
const CHANGE =
  /The person wants the plan changed: ([\s\S]*?)(?:\n\nRevise the plan and present it again\.|$)/;
const PICKED = /The person picks this alternative: (.+)/;
/** What is told to a session that does not remember that it asked. */
const TOLD_ANSWERS = /You asked the person before, and these are the answers:\n((?:- .*\n?)+)/;
const TOLD_APPROVED = /You presented this plan before, and the person approved it/;
const TOLD_CHANGE = /You presented a plan before, and the person wants it changed: ([\s\S]*)$/;

function answersIn({ result }: Round): (readonly [string, string])[] {
  return [...result.matchAll(ANSWER)].map(([, question = '', answer = '']) => [question, answer]);
}

function toldAnswers(text: string): (readonly [string, string])[] {
  const lines = TOLD_ANSWERS.exec(text)?.[1]?.split('\n') ?? [];
  return lines.flatMap((line) => {
    const [, question, answer] = /^- (.+?\?) (.+)$/.exec(line) ?? [];
    return question === undefined || answer === undefined ? [] : [[question, answer] as const];
  });
}

export function readPlanning({ system, turns }: ModelCall): Planning {
  const rounds = roundsOf(turns);
  const texts = turns.flatMap((turn) => (turn.role === 'user' ? textsOf(turn) : []));
  const presented = rounds.filter(({ name }) => name === 'ExitPlanMode');
  const approval = presented.findLast(({ failed }) => !failed);
  const approved = approval !== undefined || texts.some((text) => TOLD_APPROVED.test(text));
  return {
    active: system.includes(PLAN_FIRST) && !approved,
    answers: new Map([
      ...texts.flatMap(toldAnswers),
      ...rounds.filter(({ name }) => name === 'AskUserQuestion').flatMap(answersIn),
    ]),
    changes: [
      ...texts.map((text) => TOLD_CHANGE.exec(text)?.[1]?.trim() ?? ''),
      ...presented.map(({ result }) => CHANGE.exec(result)?.[1]?.trim() ?? ''),
    ].filter((text) => text !== ''),
    picked: (approval === undefined ? '' : (PICKED.exec(approval.result)?.[1] ?? '')).trim(),
  };
}

/** The task without what only says where it stands. */
export function withoutDecisions(task: string): string {
  return task.replace(/\n\nYou (?:asked the person|presented (?:this|a) plan) before[\s\S]*$/, '');
}

/** The usual plan: what changes, file by file, in the order of the work. */
function usualPlan(job: Job, order: Order, facts: Facts): string {
  const steps = new Map<string, string>();
  for (const stage of job.stages(order, facts)) {
    if (stage.is === 'change' && !steps.has(stage.path)) steps.set(stage.path, stage.say);
  }
  const lines = [...steps].map(([path, say], index) => `${index + 1}. \`${path}\`: ${say}`);
  return [
    job.headline(order),
    `## Steps\n\n${lines.join('\n')}\n${lines.length + 1}. Run all tests, and commit when they pass.`,
    `## Why\n\n${job.why(order)}`,
  ].join('\n\n');
}

function planText(job: Job, order: Order, facts: Facts): string {
  const asked =
    order.remarks.length === 0
      ? []
      : [`## As you asked\n\n${order.remarks.map((text) => `- ${text}`).join('\n')}`];
  return [
    `# ${job.title(order)}`,
    usualPlan(job, order, facts),
    ...asked,
    ...(job.alternatives === undefined
      ? []
      : [`## Alternatives\n\n${job.alternatives.map((one) => `- ${one}`).join('\n')}`]),
  ].join('\n\n');
}

/** What the person has not answered yet. */
export function openQuestions(job: Job, order: Order): Question[] {
  return (job.questions ?? []).filter(({ question }) => !order.answers.has(question));
}

export function askQuestions(text: string, questions: readonly Question[]): Reply {
  return call(text, 'AskUserQuestion', { questions });
}

/** The next step before there is an approved plan: look, ask, present. Nothing is changed. */
export function planStep(job: Job, order: Order, facts: Facts): Reply {
  for (const stage of job.stages(order, facts)) {
    if (stage.is !== 'read' || facts.texts.has(stage.path) || !facts.paths.has(stage.path))
      continue;
    return call(stage.say, 'Read', { file_path: `${facts.cwd}/${stage.path}` });
  }
  const open = openQuestions(job, order);
  if (open.length > 0) return askQuestions('Before I plan, this is yours to decide.', open);
  return call('', 'ExitPlanMode', { plan: planText(job, order, facts) });
}
