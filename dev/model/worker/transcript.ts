import {
  BEGUN,
  GO_ON,
  NEW_SANDBOX,
  PLANNING,
  PLAN_CHANGES,
  PLAN_PICKED,
  TOLD,
  readGiven,
  saidIn,
} from '../product-words.ts';
import { type ModelCall, type Round, type Turn, roundsOf } from '../wire.ts';
import { sizeWords } from '../image-size.ts';
import type { Order } from './order.ts';

/** What Claude Code's request tells about the work so far. */
export type Transcript = {
  cwd: string;
  order: Order;
  /** Remarks that the assistant has not answered yet. */
  unheard: string[];
  /** The images that it was shown. */
  images: string[];
  /** True while nothing may be changed: a plan is wanted, and none was approved. */
  planning: boolean;
  /**
   * Tool calls since the person last began a turn. Older ones are left out: between turns the
   * sandbox may have been replaced by one whose files are those of an earlier checkpoint.
   */
  rounds: Round[];
};

/** How an answer to a remark begins. */
export const ANSWER_MARK = 'Noted: ';

// The next four as Claude Code 2.1.330 writes them.
const CWD = /(?:Primary working|Working) directory: (.+)/;
const MID_TURN =
  /The user sent a new message while you were working:\n([\s\S]*?)(?:\n\n(?:This is how Claude Code|IMPORTANT)|<\/system-reminder>|$)/;
const MACHINE_MADE = /^\[(?:structured-output-enforce|Request interrupted)/;
const ANSWER = /"([^"]+)"="([^"]*)"/g;
/** The person's way to say what GO_ON says, and Claude Code's own when it goes on after a decision. */
const JUST_GO_ON =
  /^(?:please )?(?:continue(?: from where you left off)?|go on|carry on)[\s,.!]*(?:please)?[.!]*$/i;

function midTurn({ role, texts }: Turn): string[] {
  if (role === 'assistant') return [];
  return texts.flatMap((text) => MID_TURN.exec(text)?.[1]?.trim() ?? []);
}

/** What begins a turn: the task, the person's words, or the runner's. Empty where none begins. */
function wordsOf(turn: Turn): string {
  if (turn.role !== 'user' || midTurn(turn).length > 0) return '';
  const texts = turn.texts
    .map((text) => text.replace(/<system-reminder>[\s\S]*?<\/system-reminder>/g, '').trim())
    .filter((text) => text !== '' && !MACHINE_MADE.test(text));
  return texts.join('\n\n');
}

/** The words without the runner's sentence before them. */
function personWords(text: string): string {
  const isNew = NEW_SANDBOX.some((note) => text.startsWith(note));
  return isNew ? text.split('\n\n').slice(1).join('\n\n') : text;
}

export function readTranscript({ system, turns }: ModelCall): Transcript {
  const said = turns.map(wordsOf).map(readGiven);
  const words = said.map((one) => one.words);
  const first = words.findIndex((one) => one !== '');
  const last = words.findLastIndex((one) => one !== '');
  const begun = words[first] ?? '';
  const told = (what: keyof typeof TOLD) => saidIn(begun, TOLD[what]);
  const task = Object.values(TOLD)
    .reduce((text, pattern) => text.replace(pattern, ''), begun)
    .replace(`\n\n${BEGUN}`, '');

  const answered = turns.findLastIndex(
    ({ role, texts }) => role === 'assistant' && texts.some((text) => text.startsWith(ANSWER_MARK)),
  );
  const remarks = turns.flatMap((turn, index) => {
    const begins = index > first ? personWords(words[index] ?? '') : '';
    return [...midTurn(turn).map((text) => readGiven(text).words), begins]
      .filter((text) => text !== '' && !GO_ON.includes(text) && !JUST_GO_ON.test(text))
      .map((text) => ({ text, heard: index < answered }));
  });

  const all = roundsOf(turns);
  const plans = all.filter(({ name }) => name === 'ExitPlanMode');
  const approval = plans.findLast(({ failed }) => !failed);
  const asked = all.flatMap(({ name, result }) => (name === 'AskUserQuestion' ? result : []));
  const answers = [...asked.join('\n').matchAll(ANSWER)].map(([, of, given]) => `${of} ${given}`);
  const changes = plans.flatMap(({ result }) => saidIn(result, PLAN_CHANGES));
  const [picked = ''] = saidIn(approval?.result ?? told('plan').join(), PLAN_PICKED);
  const texts = [system, ...turns.flatMap((turn) => (turn.role === 'assistant' ? [] : turn.texts))];
  return {
    cwd: texts.flatMap((text) => CWD.exec(text)?.[1]?.trim() ?? [])[0] ?? '',
    order: {
      task,
      answers: [...told('answers').flatMap((text) => text.split('\n- ')), ...answers],
      remarks: [...told('changes'), ...changes, ...remarks.map(({ text }) => text)],
      picked,
      files: [...said, ...turns.flatMap(midTurn).map(readGiven)].flatMap(({ files }) => files),
    },
    images: turns.flatMap((turn) => turn.images).map(sizeWords),
    unheard: remarks.flatMap(({ text, heard }) => (heard ? [] : [text])),
    planning:
      system.includes(PLANNING.trim()) && approval === undefined && told('plan').length === 0,
    rounds: roundsOf(turns.slice(Math.max(0, last))),
  };
}
