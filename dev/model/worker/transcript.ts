import {
  BEGUN,
  GO_ON,
  NEW_SANDBOX,
  PLANNING,
  PLAN_CHANGES,
  PLAN_PICKED,
  TOLD,
} from '../product-words.ts';
import { type ModelCall, type Round, type Turn, roundsOf } from '../wire/request.ts';
import type { Order } from './order.ts';

/** What Claude Code's request tells about the work so far. */
export type Transcript = {
  cwd: string;
  order: Order;
  /** Remarks that the assistant has not answered yet. */
  unheard: string[];
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
/** The person's way to say what GO_ON says. */
const JUST_GO_ON = /^(?:please )?(?:continue|go on|carry on)[\s,.!]*(?:please)?[.!]*$/i;

function midTurn({ role, texts }: Turn): string[] {
  if (role === 'assistant') return [];
  return texts.flatMap((text) => MID_TURN.exec(text)?.[1]?.trim() ?? []);
}

/** What begins a turn: the task, the person's words, or the runner's. */
function wordsOf(turn: Turn): string | null {
  if (turn.role !== 'user' || midTurn(turn).length > 0) return null;
  const texts = turn.texts
    .map((text) => text.replace(/<system-reminder>[\s\S]*?<\/system-reminder>/g, '').trim())
    .filter((text) => text !== '' && !MACHINE_MADE.test(text));
  return texts.length === 0 ? null : texts.join('\n\n');
}

/** The words without the runner's sentence before them. */
function personWords(text: string): string {
  const isNew = NEW_SANDBOX.some((note) => text.startsWith(note));
  return isNew ? text.split('\n\n').slice(1).join('\n\n') : text;
}

const textIn = (pattern: RegExp, text: string) => pattern.exec(text)?.groups?.['text'];

export function readTranscript({ system, turns }: ModelCall): Transcript {
  const begins = turns.flatMap((turn, index) => (wordsOf(turn) === null ? [] : [index]));
  const [first = 0] = begins;
  const begun = turns[first] === undefined ? '' : (wordsOf(turns[first]) ?? '');
  const told = (what: keyof typeof TOLD) => textIn(TOLD[what], begun);
  const task = Object.values(TOLD)
    .reduce((text, pattern) => text.replace(pattern, ''), begun)
    .replace(`\n\n${BEGUN}`, '');

  const answered = turns.findLastIndex(
    ({ role, texts }) => role === 'assistant' && texts.some((text) => text.startsWith(ANSWER_MARK)),
  );
  const remarks = turns.flatMap((turn, index) => {
    const words = index > first && begins.includes(index) ? wordsOf(turn) : null;
    return [...midTurn(turn), ...(words === null ? [] : [personWords(words)])]
      .filter((text) => !GO_ON.includes(text) && !JUST_GO_ON.test(text))
      .map((text) => ({ text, heard: index < answered }));
  });

  const all = roundsOf(turns);
  const plans = all.filter(({ name }) => name === 'ExitPlanMode');
  const approval = plans.findLast(({ failed }) => !failed);
  const asked = all.flatMap(({ name, result }) => (name === 'AskUserQuestion' ? result : []));
  const answers = [...asked.join('\n').matchAll(ANSWER)].map(([, of, given]) => `${of} ${given}`);
  const changes = plans.flatMap(({ result }) => textIn(PLAN_CHANGES, result) ?? []);
  const texts = [system, ...turns.flatMap((turn) => (turn.role === 'assistant' ? [] : turn.texts))];
  return {
    cwd: texts.flatMap((text) => CWD.exec(text)?.[1]?.trim() ?? [])[0] ?? '',
    order: {
      task,
      answers: [...(told('answers')?.split('\n- ') ?? []), ...answers],
      remarks: [told('changes') ?? [], changes, remarks.map(({ text }) => text)].flat(),
      picked: textIn(PLAN_PICKED, approval?.result ?? told('plan') ?? '') ?? '',
    },
    unheard: remarks.flatMap(({ text, heard }) => (heard ? [] : [text])),
    planning:
      system.includes(PLANNING.trim()) && approval === undefined && told('plan') === undefined,
    rounds: roundsOf(turns.slice(begins.at(-1) ?? 0)),
  };
}
