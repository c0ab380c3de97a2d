import path from 'node:path';
import { type Reply, call, say } from '../wire/reply.ts';
import type { ModelCall } from '../wire/request.ts';
import { type Facts, LOOK_AROUND, TEST_COMMAND, gatherFacts } from './facts.ts';
import {
  type Job,
  type Order,
  type Stage,
  type Texts,
  jobFor,
  stagesOf,
  textsOf,
  valuesOf,
} from './job.ts';
import { type Values, editFor } from './patch.ts';
import { type Work, planText, resultOf, testSentence, titleOf } from './result.ts';
import { acknowledge, heed } from './steering.ts';
import { type Transcript, readTranscript } from './transcript.ts';

/** More steps than any job takes: something repeats itself. */
const MAX_ROUNDS = 90;
/** Refused edits of one file after which it is given up. */
const MAX_REFUSALS = 3;
const MAX_COMMIT_REFUSALS = 2;
/** Asks for questions also where no plan is wanted. */
const ASKS_FIRST = /\bask me\b/i;

/** All that a step is worked out from. */
type Scene = {
  transcript: Transcript;
  facts: Facts;
  job: Job;
  values: Values;
  texts: Texts;
  stages: Stage[];
};

const bash = (text: string, command: string, description: string) =>
  call(text, 'Bash', { command, description });

/** Quoted for a POSIX shell. */
const quoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;

/** True when a change after this stage is in its file already. */
function begunAfter(rest: readonly Stage[], { facts, values }: Scene): boolean {
  return rest.some((stage) => {
    const text = stage.is === 'change' ? facts.texts.get(stage.change.path) : undefined;
    return (
      stage.is === 'change' &&
      text !== undefined &&
      editFor(stage.change, text, values).is === 'present'
    );
  });
}

function readStep(say_: string, file: string, { transcript }: Scene): Reply {
  return call(say_, 'Read', { file_path: path.posix.join(transcript.cwd, file) });
}

/** The step that a stage still takes; null when it is done, 'lost' when it cannot be. */
function stepOf(stage: Stage, rest: readonly Stage[], scene: Scene): Reply | 'lost' | null {
  const { facts, transcript, values } = scene;
  switch (stage.is) {
    case 'read': {
      const isOpen = facts.paths.has(stage.path) && !facts.texts.has(stage.path);
      return isOpen ? readStep(stage.say, stage.path, scene) : null;
    }
    case 'run':
      if (facts.ran.has(stage.command) || (stage.before && begunAfter(rest, scene))) return null;
      return bash(stage.say, stage.command, stage.say);
    case 'change': {
      const file = stage.change.path;
      const text = facts.texts.get(file) ?? null;
      if (text === null && facts.paths.has(file)) return readStep('', file, scene);
      const edit = editFor(stage.change, text, values);
      if (edit.is === 'present') return null;
      if (edit.is === 'lost' || (facts.refusals.get(file) ?? 0) >= MAX_REFUSALS) return 'lost';
      const file_path = path.posix.join(transcript.cwd, file);
      if (edit.is === 'write')
        return call(stage.say, 'Write', { file_path, content: edit.content });
      return call(stage.say, 'Edit', { file_path, old_string: edit.old, new_string: edit.new });
    }
  }
}

function commitStep(work: Work): Reply {
  const { facts, texts } = work;
  const again = facts.log?.includes(texts.title) === true || facts.commits.made > 0;
  const subject = again ? `${titleOf(work)}: what was asked for since` : titleOf(work);
  // The second try is for a place where git knows nobody's name.
  const who =
    facts.commits.refused === 0
      ? ''
      : ' -c user.name="Offline model" -c user.email=offline-model@localhost';
  const command = `git add -A && git${who} commit -m ${quoted(subject)} -m ${quoted(texts.headline)}`;
  return bash(testSentence(facts.tests), command, 'Commit');
}

/** What the person has not answered yet, as a call; null when there is nothing. */
function questionStep(text: string, { questions = [] }: Job, { answers }: Order): Reply | null {
  const open = questions.filter((one) => !answers.some((given) => given.startsWith(one.question)));
  return open.length === 0 ? null : call(text, 'AskUserQuestion', { questions: open });
}

/** The next step before there is an approved plan: look, ask, present. Nothing is changed. */
function planStep(scene: Scene): Reply {
  const { job, stages, texts, transcript } = scene;
  for (const stage of stages) {
    const step = stage.is === 'read' ? stepOf(stage, [], scene) : null;
    if (step !== null && step !== 'lost') return step;
  }
  const plan = planText(texts, job, transcript.order, stages);
  return (
    questionStep('Before I plan, this is yours to decide.', job, transcript.order) ??
    call('', 'ExitPlanMode', { plan })
  );
}

function workStep(scene: Scene, passedOn: readonly string[]): Reply {
  const { facts, job, stages, texts, transcript } = scene;
  const { order, rounds } = transcript;
  const asking = ASKS_FIRST.test(order.task)
    ? questionStep('This is yours to decide.', job, order)
    : null;
  if (asking !== null) return asking;
  const lost: string[] = [];
  const work: Work = { texts, facts, lost, passedOn };
  if (rounds.length < MAX_ROUNDS) {
    for (const [index, stage] of stages.entries()) {
      const step = stepOf(stage, stages.slice(index + 1), scene);
      if (step === 'lost' && stage.is === 'change') lost.push(stage.change.path);
      else if (step !== null && step !== 'lost') return step;
    }
    if (facts.tests === null && facts.paths.has('package.json')) {
      return bash('All tests, before the commit.', TEST_COMMAND, 'Run the tests');
    }
    if (facts.dirty && facts.commits.refused < MAX_COMMIT_REFUSALS) return commitStep(work);
  }
  const result = resultOf(work);
  return say(`${result.summary}\n\n\`\`\`json\n${JSON.stringify(result, null, 2)}\n\`\`\``);
}

/** The next step of the work that Claude Code's request is about, from what it tells and nothing else. */
export function workerReply(request: ModelCall): Reply {
  const transcript = readTranscript(request);
  const { order, rounds, cwd } = transcript;
  const facts = gatherFacts(cwd, rounds);
  if (facts.log === null) {
    return bash('Let me look around first.', LOOK_AROUND, 'See where this is and what is there');
  }
  const job = jobFor(order.task, facts.paths);
  const values = valuesOf(job, order);
  const texts = textsOf(job, values);
  const heeded = order.remarks.map((remark) => ({ remark, ...heed(remark, job, texts.headline) }));
  const lines = heeded.flatMap((one): Stage[] => {
    if (one.is !== 'line') return [];
    const change = one.change(facts.texts.get(one.path) ?? null);
    return [{ is: 'change', change, say: `As you asked: a line in ${one.path}.` }];
  });
  const stages = [...stagesOf(job, values), ...lines];
  const scene = { transcript, facts, job, values, texts, stages };
  const passedOn = heeded.flatMap((one) => (one.is === 'passed on' ? [one.remark] : []));
  const step = transcript.planning ? planStep(scene) : workStep(scene, passedOn);
  const answers = heeded
    .filter(({ remark }) => transcript.unheard.includes(remark))
    .map((one) => acknowledge(one.remark, one));
  return { ...step, text: [...answers, step.text].filter((text) => text !== '').join('\n\n') };
}
