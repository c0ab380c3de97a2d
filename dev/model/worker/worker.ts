import path from 'node:path';
import { type Reply, call, say } from '../wire/reply.ts';
import type { ModelCall } from '../wire/request.ts';
import { type Facts, LOOK_AROUND, TEST_COMMANDS, gatherFacts } from './facts.ts';
import type { Order, Stage } from './job.ts';
import { jobFor } from './jobs/all.ts';
import { type Work, resultOf, testSentence, titleOf } from './result.ts';
import {
  askQuestions,
  openQuestions,
  planStep,
  readPlanning,
  withoutDecisions,
} from './planning.ts';
import { type Heed, acknowledge, heed } from './steering.ts';
import { type Transcript, readTranscript } from './transcript.ts';

/** More steps than any job takes: something repeats itself. */
const MAX_ROUNDS = 90;
/** Refused edits of one file after which it is given up. */
const MAX_REFUSALS = 3;
const MAX_COMMIT_REFUSALS = 2;
/** Asks for questions also where no plan is wanted. */
const ASKS_FIRST = /\bask me\b/i;

const bash = (text: string, command: string, description: string) =>
  call(text, 'Bash', { command, description });

/** Quoted for a POSIX shell. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** True when a change after this stage is in its file already. */
function begunAfter(rest: readonly Stage[], facts: Facts): boolean {
  return rest.some((stage) => {
    if (stage.is !== 'change') return false;
    const text = facts.texts.get(stage.path);
    return text !== undefined && stage.edit(text).is === 'present';
  });
}

/** The step that a stage still takes; null when it is done, 'lost' when it cannot be. */
function stepOf(stage: Stage, rest: readonly Stage[], facts: Facts): Reply | 'lost' | null {
  const inPlace = (file: string) => path.posix.join(facts.cwd, file);
  switch (stage.is) {
    case 'read':
      if (!facts.paths.has(stage.path) || facts.texts.has(stage.path)) return null;
      return call(stage.say, 'Read', { file_path: inPlace(stage.path) });
    case 'run':
      if (facts.commands.some(({ command }) => command === stage.command)) return null;
      if (stage.only === 'before' && begunAfter(rest, facts)) return null;
      return bash(stage.say, stage.command, stage.description);
    case 'prove':
      if (facts.tests !== null || begunAfter(rest, facts)) return null;
      return bash(stage.say, TEST_COMMANDS[0], 'Run the tests');
    case 'change': {
      const known = facts.texts.get(stage.path);
      if (known === undefined && facts.paths.has(stage.path)) {
        return call('', 'Read', { file_path: inPlace(stage.path) });
      }
      const edit = stage.edit(known ?? null);
      if (edit.is === 'present') return null;
      if (edit.is === 'lost' || (facts.refusals.get(stage.path) ?? 0) >= MAX_REFUSALS)
        return 'lost';
      if (edit.is === 'create') {
        return call(stage.say, 'Write', { file_path: inPlace(stage.path), content: edit.content });
      }
      return call(edit.say ?? stage.say, 'Edit', {
        file_path: inPlace(stage.path),
        old_string: edit.old,
        new_string: edit.new,
      });
    }
  }
}

function testStep(facts: Facts): Reply | null {
  if (!facts.paths.has('package.json')) return null;
  const [usual, other] = TEST_COMMANDS;
  if (facts.tests === null) return bash('All tests, before the commit.', usual, 'Run the tests');
  const tried = facts.commands.findLast(({ command }) => command === usual || command === other);
  if (facts.tests.is !== 'unclear' || tried?.command !== usual) return null;
  return bash('`npm test` gave no count. Without npm, then.', other, 'Run the tests without npm');
}

function commitStep(work: Work): Reply | null {
  const { facts, job, order } = work;
  if (!facts.dirty || facts.commitRefusals >= MAX_COMMIT_REFUSALS) return null;
  const again =
    facts.log.includes(job.title(order)) ||
    facts.commands.some(({ command, failed }) => command.includes('git commit') && !failed);
  const subject = again ? `${titleOf(work)}: what was asked for since` : titleOf(work);
  // The second try is for a place where git knows nobody's name.
  const who =
    facts.commitRefusals === 0
      ? ''
      : ' -c user.name="Offline model" -c user.email=offline-model@localhost';
  return bash(
    testSentence(facts.tests),
    `git add -A && git${who} commit -m ${quoted(subject)} -m ${quoted(job.headline(order))}`,
    'Commit',
  );
}

function finish(work: Work, transcript: Transcript): Reply {
  const result = resultOf(work);
  if (transcript.structured) {
    const given = transcript.rounds.some((one) => one.name === 'StructuredOutput' && !one.failed);
    return given ? say(result.summary) : call(result.summary, 'StructuredOutput', result);
  }
  return say(`${result.summary}\n\n\`\`\`json\n${JSON.stringify(result, null, 2)}\n\`\`\``);
}

function workStep(transcript: Transcript, facts: Facts, order: Order, heeded: Heed[]): Reply {
  const job = jobFor(order.task, facts.paths);
  const open = ASKS_FIRST.test(order.task) ? openQuestions(job, order) : [];
  if (open.length > 0) return askQuestions('This is yours to decide.', open);
  const extra = heeded.flatMap((one) => (one.is === 'extra' ? one.change : []));
  const stages = [...job.stages(order, facts), ...extra];
  const passedOn = order.remarks.filter((_, index) => heeded[index]?.is === 'passed on');
  const lost: string[] = [];
  const work: Work = { job, order, facts, lost, passedOn };
  if (transcript.rounds.length < MAX_ROUNDS) {
    for (const [index, stage] of stages.entries()) {
      const step = stepOf(stage, stages.slice(index + 1), facts);
      if (step === 'lost' && stage.is === 'change') lost.push(stage.path);
      else if (step !== null && step !== 'lost') return step;
    }
    const step = testStep(facts) ?? commitStep(work);
    if (step !== null) return step;
  }
  return finish(work, transcript);
}

/** The next step of the work that Claude Code's request is about, from what it tells and nothing else. */
export function workerReply(request: ModelCall): Reply {
  const transcript = readTranscript(request);
  const facts = gatherFacts(transcript.cwd, transcript.rounds);
  if (!facts.oriented) {
    return bash('Let me look around first.', LOOK_AROUND, 'See where this is and what is there');
  }
  const { active, answers, changes, picked } = readPlanning(request);
  const remarks = [...changes.map((text) => ({ text, heard: true })), ...transcript.remarks];
  const order: Order = {
    task: withoutDecisions(transcript.task),
    remarks: remarks.map(({ text }) => text),
    answers,
    picked,
  };
  const job = jobFor(order.task, facts.paths);
  const heeded = order.remarks.map((remark) => heed(remark, job, order));
  const step = active ? planStep(job, order, facts) : workStep(transcript, facts, order, heeded);
  const replies = heeded.flatMap((one, index) => {
    const remark = remarks[index];
    return remark === undefined || remark.heard ? [] : acknowledge(remark.text, one);
  });
  return { ...step, text: [...replies, step.text].filter((text) => text !== '').join('\n\n') };
}
