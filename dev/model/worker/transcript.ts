import { type ModelCall, type Round, type Turn, roundsOf, textsOf } from '../wire/request.ts';

/** What the person said after the work began. */
export type Remark = {
  text: string;
  /** True once the assistant has answered it. */
  heard: boolean;
};

/** What Claude Code's request tells about the work so far. */
export type Transcript = {
  /** Null when the request does not name it. */
  cwd: string | null;
  /** What the worker was asked to do, as it was asked. */
  task: string;
  remarks: Remark[];
  /**
   * Tool calls since the person last began a turn. Older ones are left out: between turns the
   * sandbox may have been replaced by one whose files are those of an earlier checkpoint.
   */
  rounds: Round[];
  /** True when the result is to be given through Claude Code's StructuredOutput tool. */
  structured: boolean;
};

// Both as Claude Code 2.1.330 writes them.
const CWD = /(?:Primary working|Working) directory: (.+)/;
const MID_TURN =
  /The user sent a new message while you were working:\n([\s\S]*?)(?:\n\n(?:This is how Claude Code|IMPORTANT)|<\/system-reminder>|$)/;

/** What the runner adds to the task where an earlier sandbox has begun. */
const BEGUN = /\n\nAn earlier sandbox has begun this work[\s\S]*$/;

/** How an answer to a remark begins. */
export const ANSWER_MARK = 'Noted: ';

/** What the runner says before the first words to a new sandbox. */
const NEW_SANDBOX = /^You are in a new sandbox\.[\s\S]*?The person says:\n\n/;

/** Messages that stand in a user's turn and were not written by the person. */
const MACHINE_MADE = /^\[(?:structured-output-enforce|Request interrupted)/;
const GOES_ON =
  /^(?:please )?(?:continue|go on|carry on|resume|you were (?:interrupted|stopped)|the sandbox|this is a new sandbox|your sandbox)\b/i;

function withoutReminders(text: string): string {
  return text.replace(/<system-reminder>[\s\S]*?<\/system-reminder>/g, '').trim();
}

function midTurn(turn: Turn): string[] {
  if (turn.role === 'assistant') return [];
  return textsOf(turn).flatMap((text) => MID_TURN.exec(text)?.[1]?.trim() ?? []);
}

function wordsOf(turn: Turn): string[] {
  if (turn.role !== 'user' || midTurn(turn).length > 0) return [];
  return textsOf(turn)
    .map(withoutReminders)
    .map((text) => text.replace(NEW_SANDBOX, ''))
    .filter((text) => text !== '' && !MACHINE_MADE.test(text));
}

function cwdOf({ system, turns }: ModelCall): string | null {
  const texts = [
    system,
    ...turns.flatMap((turn) => (turn.role === 'assistant' ? [] : textsOf(turn))),
  ];
  for (const text of texts) {
    const found = CWD.exec(text)?.[1]?.trim();
    if (found !== undefined) return found;
  }
  return null;
}

export function readTranscript(call: ModelCall): Transcript {
  const { turns } = call;
  const begins = turns.flatMap((turn, index) => (wordsOf(turn).length > 0 ? [index] : []));
  const first = begins[0] ?? 0;
  const task =
    turns[first] === undefined ? '' : wordsOf(turns[first]).join('\n\n').replace(BEGUN, '');
  const lastAnswer = turns.findLastIndex(
    (turn) =>
      turn.role === 'assistant' && textsOf(turn).some((text) => text.startsWith(ANSWER_MARK)),
  );
  const remarks = turns.flatMap((turn, index) => {
    const words = midTurn(turn);
    if (index > first && begins.includes(index)) words.push(wordsOf(turn).join('\n\n'));
    return words
      .filter((text) => text !== task && !GOES_ON.test(text))
      .map((text) => ({ text, heard: index < lastAnswer }));
  });
  return {
    cwd: cwdOf(call),
    task,
    remarks,
    rounds: roundsOf(turns.slice(begins.at(-1) ?? 0)),
    structured: call.tools.includes('StructuredOutput'),
  };
}
