import path from 'node:path';
import { type ModelCall, type Reply, call, say } from '../wire.ts';
import { type Facts, LOOK_AROUND, TEST_COMMAND, gatherFacts } from './facts.ts';
import { asksToAdd, attachedJob, attachedStages } from './attached.ts';
import { jobFor } from './job.ts';
import { type Stage, type Work, ordered } from './order.ts';
import { type Change, editFor } from './patch.ts';
import { planOf, resultOf, testSentence, titleOf } from './result.ts';
import { heed } from './steering.ts';
import { ANSWER_MARK, readTranscript } from './transcript.ts';

/** More steps than any job takes: something repeats itself. */
const MAX_ROUNDS = 90;
/** Asks for questions also where no plan is wanted. */
const ASKS_FIRST = /\bask me\b/i;

const bash = (text: string, command: string, description: string) =>
  call(text, 'Bash', { command, description });

/** Quoted for a POSIX shell. */
const quoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;

const editOf = (change: Change, { values }: Work, { files }: Facts) =>
  editFor(change, files.get(change.path) ?? null, values);

/** True when one of these changes is in its file already. */
const isBegun = (stages: readonly Stage[], work: Work, facts: Facts) =>
  stages.some((one) => one.is === 'change' && editOf(one.change, work, facts).is === 'present');

/** The step that a stage still takes; null when it is done. Where it cannot be, its file is added to `lost`. */
function stepOf(stage: Stage, work: Work, facts: Facts, lost: string[]): Reply | null {
  const place = (file: string) => ({ file_path: path.posix.join(facts.cwd, file) });
  const read = (file: string, text: string) => call(text, 'Read', place(file));
  switch (stage.is) {
    case 'read':
      return facts.files.get(stage.path) === null ? read(stage.path, stage.say) : null;
    case 'run': {
      const rest = work.stages.slice(work.stages.indexOf(stage));
      if (facts.ran.has(stage.command) || (stage.before && isBegun(rest, work, facts))) return null;
      return bash(stage.say, stage.command, stage.say);
    }
    case 'change': {
      const file = stage.change.path;
      if (facts.files.get(file) === null) return read(file, '');
      const edit = editOf(stage.change, work, facts);
      if (edit.is === 'lost') lost.push(file);
      if (edit.is === 'lost' || edit.is === 'present') return null;
      return edit.is === 'write'
        ? call(stage.say, 'Write', { ...place(file), content: edit.content })
        : call(stage.say, 'Edit', { ...place(file), old_string: edit.old, new_string: edit.new });
    }
  }
}

function commitStep(work: Work, facts: Facts): Reply {
  const again = facts.log?.includes(work.title) === true || facts.commit === 'made';
  const subject = `${titleOf(work, facts)}${again ? ': what was asked for since' : ''}`;
  const command = `git add -A && git commit -m ${quoted(subject)} -m ${quoted(work.headline)}`;
  return bash(testSentence(facts.tests), command, 'Commit');
}

/** Asks what the person has not answered yet; null when there is nothing. */
function questionStep(text: string, { questions, order }: Work): Reply | null {
  const open = questions.filter(
    ({ question }) => !order.answers.some((given) => given.startsWith(question)),
  );
  return open.length === 0 ? null : call(text, 'AskUserQuestion', { questions: open });
}

/** The first step that one of these stages still takes. */
function nextStep(stages: readonly Stage[], work: Work, facts: Facts, lost: string[]) {
  const steps = stages.values().map((stage) => stepOf(stage, work, facts, lost));
  return steps.find((step) => step !== null) ?? null;
}

/** The next step before there is an approved plan: look, ask, present. Nothing is changed. */
function planStep(work: Work, facts: Facts): Reply {
  const reading = work.stages.filter(({ is }) => is === 'read');
  return (
    nextStep(reading, work, facts, []) ??
    questionStep('Before I plan, this is yours to decide.', work) ??
    call('', 'ExitPlanMode', { plan: planOf(work) })
  );
}

function workStep(work: Work, facts: Facts, passedOn: readonly string[]): Reply {
  const asksFirst = ASKS_FIRST.test(work.order.task);
  const questions = asksFirst ? questionStep('This is yours to decide.', work) : null;
  if (questions !== null) return questions;
  const lost: string[] = [];
  if (facts.rounds < MAX_ROUNDS) {
    const step = nextStep(work.stages, work, facts, lost);
    if (step !== null) return step;
    if (facts.tests === null && facts.files.has('package.json')) {
      return bash('All tests, before the commit.', TEST_COMMAND, 'Run the tests');
    }
    if (facts.dirty && facts.commit !== 'refused') return commitStep(work, facts);
  }
  const result = resultOf(work, facts, lost, passedOn);
  return say(`${result.summary}\n\n\`\`\`json\n${JSON.stringify(result, null, 2)}\n\`\`\``);
}

/** The next step of the work that Claude Code's request is about, from what it tells and nothing else. */
export function workerReply(request: ModelCall): Reply {
  const { cwd, order, rounds, unheard, planning, images } = readTranscript(request);
  const facts = gatherFacts(cwd, rounds);
  if (facts.log === null) {
    const seen = images.map((image) => ` I see the attached image: ${image}.`).join('');
    return bash(
      `Let me look around first.${seen}`,
      LOOK_AROUND,
      'See where this is and what is there',
    );
  }
  const job = attachedJob(order) ?? jobFor(order.task, facts.files);
  const work = ordered(job, order);
  work.stages.push(...attachedStages(order, quoted));
  const heeded = order.remarks.map((remark) =>
    asksToAdd(remark, order)
      ? { remark, answer: 'It goes into the repository.', stages: [], isPassedOn: false }
      : heed(remark, work, facts),
  );
  work.stages.push(...heeded.flatMap(({ stages }) => stages));
  const passedOn = heeded.filter((one) => one.isPassedOn).map(({ remark }) => remark);
  const step = planning ? planStep(work, facts) : workStep(work, facts, passedOn);
  const answers = heeded
    .filter(({ remark }) => unheard.includes(remark))
    .map(({ remark, answer }) => `${ANSWER_MARK}“${remark}”. ${answer}`);
  return { ...step, text: [...answers, step.text].filter((text) => text !== '').join('\n\n') };
}
