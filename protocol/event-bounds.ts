import { cutMiddleToBytes, cutToBytes } from './cut.ts';
import { QUESTIONS_MAX, type Question } from './decision.ts';
import { EQUIPMENT_NAMES_MAX } from './equipment.ts';
import type { RunnerEvent, RunnerResult } from './runner.ts';
import { EVENT_OUTPUT_MAX_CHARS, EVENT_TEXT_MAX_CHARS } from './task-event.ts';

/*
 * What one event may hold, in bytes of JSON. The runner keeps to it, so that nothing of it is refused,
 * and the gateway cuts once more: a sandbox is not believed.
 */

const ID_MAX = 200;
/** A title, a name, a path: one line. */
const LINE_MAX = 1_000;
/** The git host takes 256 characters. */
const TITLE_MAX = 250;
const SUMMARY_MAX = 20_000;
/** The git host takes 65,536 characters of a text of ours, in which more than a plan or a body stands. */
const LONG_MAX = 60_000;
/** Of what a tool answered: five of them fit one batch. */
const OUTPUT_MAX = EVENT_OUTPUT_MAX_CHARS;
const REASON_MAX = 2_000;
const DETAIL_MAX = 10_000;

const QUESTION_MAX = 2_000;
const HEADER_MAX = 100;
/** An answer's words hold the label: at most 2,000 characters of it. */
const LABEL_MAX = 300;
const DESCRIPTION_MAX = 500;
const OPTIONS_MAX = 10;
/** Files that an event names. */
const FILES_MAX = 50;

const line = (text: string, maxBytes: number) =>
  cutToBytes(text.replace(/\s+/g, ' ').trim(), maxBytes);

/** A text of the activity, and whether it is only the beginning of one. */
function eventText(text: string): { text: string; truncated: boolean } {
  const cut = cutToBytes(text, LONG_MAX).slice(0, EVENT_TEXT_MAX_CHARS).toWellFormed();
  return { text: cut, truncated: cut.length < text.length };
}

const parentOf = ({ parent }: { parent: string | null }) =>
  parent === null ? null : cutToBytes(parent, ID_MAX);

/** One for each: how many there are must stay true for those of sane repositories. */
const boundedNames = (names: readonly string[], maxBytes = ID_MAX) =>
  names.slice(0, EQUIPMENT_NAMES_MAX).map((name) => line(name, maxBytes));

/** A question's own text as it is asked. */
export function boundedQuestionText(text: string): string {
  return cutToBytes(text, QUESTION_MAX);
}

function boundedQuestion({ question, header, options, multiSelect }: Question): Question {
  return {
    question: boundedQuestionText(question),
    header: line(header, HEADER_MAX),
    options: options.slice(0, OPTIONS_MAX).map(({ label, description }) => ({
      label: cutToBytes(label, LABEL_MAX),
      description: cutToBytes(description, DESCRIPTION_MAX),
    })),
    multiSelect,
  };
}

function boundedResult(result: RunnerResult): RunnerResult {
  switch (result.is) {
    case 'delivered':
      return {
        ...result,
        summary: cutToBytes(result.summary, SUMMARY_MAX),
        ...(result.tested && { tested: cutToBytes(result.tested, SUMMARY_MAX) }),
        title: line(result.title, TITLE_MAX),
        body: cutToBytes(result.body, LONG_MAX),
      };
    case 'nothing_to_deliver':
      return { ...result, summary: cutToBytes(result.summary, SUMMARY_MAX) };
    case 'failed':
      return {
        ...result,
        reason: cutToBytes(result.reason, REASON_MAX),
        detail: cutToBytes(result.detail, DETAIL_MAX),
      };
    case 'parked':
      return result;
  }
}

/** What a runner reports, each text cut to its bound: a report is never lost because it is long. */
export function boundedBody(body: RunnerEvent['body']): RunnerEvent['body'] {
  switch (body.type) {
    case 'text':
      return { ...body, text: eventText(body.text).text, parent: parentOf(body) };
    case 'step':
    case 'steered':
    case 'setup_output':
      return { ...body, text: eventText(body.text).text };
    case 'tool_call': {
      const { text: input, truncated } = eventText(body.input);
      return {
        ...body,
        toolUseId: cutToBytes(body.toolUseId, ID_MAX),
        parent: parentOf(body),
        tool: line(body.tool, ID_MAX),
        title: line(body.title, LINE_MAX),
        input,
        truncated: body.truncated || truncated,
      };
    }
    case 'tool_result': {
      const output = cutMiddleToBytes(body.output, OUTPUT_MAX);
      const toolUseId = cutToBytes(body.toolUseId, ID_MAX);
      const truncated = body.truncated || output.length < body.output.length;
      return { ...body, toolUseId, parent: parentOf(body), output, truncated };
    }
    case 'setup_ended':
      return {
        ...body,
        secretsIn: body.secretsIn.slice(0, FILES_MAX).map((file) => line(file, LINE_MAX)),
      };
    case 'equipment':
      return {
        ...body,
        skills: boundedNames(body.skills),
        commands: boundedNames(body.commands),
        agents: boundedNames(body.agents),
        plugins: boundedNames(body.plugins),
        servers: boundedNames(body.servers),
        notes: boundedNames(body.notes, LINE_MAX),
      };
    case 'commit':
      return { ...body, title: line(body.title, LINE_MAX) };
    case 'question':
      return {
        ...body,
        toolUseId: cutToBytes(body.toolUseId, ID_MAX),
        questions: body.questions.slice(0, QUESTIONS_MAX).map(boundedQuestion),
      };
    case 'plan':
      return {
        ...body,
        toolUseId: cutToBytes(body.toolUseId, ID_MAX),
        text: cutToBytes(body.text, LONG_MAX),
      };
    case 'result':
      return { ...body, result: boundedResult(body.result) };
    case 'setup_began':
    case 'interrupted':
      return body;
  }
}
