import type { Answers, DecidedBy, PlanVerdict, Question } from '../../../protocol/decision.ts';
import type { InboxOutcome } from '../../../protocol/inbox.ts';

const OUTCOME_MAX_CHARS = 200;

function short(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  if (line.length <= OUTCOME_MAX_CHARS) return line;
  return `${line.slice(0, OUTCOME_MAX_CHARS - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
}

function answerWords({ chosen, other }: Answers[number]): string {
  return [...chosen, ...(other.trim() === '' ? [] : [other.trim()])].join(', ');
}

/** Each question with its answer in words, as Claude Code takes them; null when one has no answer. */
export function answersByQuestion(
  questions: readonly Question[],
  answers: Answers,
): Record<string, string> | null {
  const given: Record<string, string> = {};
  for (const [place, { question }] of questions.entries()) {
    const answer = answers[place];
    const words = answer === undefined ? '' : answerWords(answer);
    if (words === '') return null;
    given[question] = words;
  }
  return given;
}

function by(who: DecidedBy): { by: InboxOutcome['by']; where: string } {
  switch (who.is) {
    case 'app':
      return { by: 'person', where: '' };
    case 'conversation':
      return { by: 'conversation', where: ' in the conversation' };
    case 'github':
      return { by: 'github', where: ` by @${who.login} on GitHub` };
  }
}

/** What was done and where: `Cancelled`, `Cancelled in the conversation`, `Cancelled by @ana on GitHub`. */
export function outcomeBy(done: string, who: DecidedBy, at: number): InboxOutcome {
  const { by: whose, where } = by(who);
  return { by: whose, text: `${done}${where}`, at };
}

export function answeredOutcome(answers: Answers, who: DecidedBy, at: number): InboxOutcome {
  const { by: whose, where } = by(who);
  return { by: whose, text: short(`Answered${where}: ${answers.map(answerWords).join('; ')}`), at };
}

export function verdictOutcome(verdict: PlanVerdict, who: DecidedBy, at: number): InboxOutcome {
  const { by: whose, where } = by(who);
  switch (verdict.is) {
    case 'approve': {
      const picked = verdict.alternative === null ? '' : `: ${verdict.alternative}`;
      return { by: whose, text: short(`Approved${where}${picked}`), at };
    }
    case 'changes':
      return { by: whose, text: short(`Changes requested${where}: ${verdict.text}`), at };
    case 'reject':
      return outcomeBy('Rejected', who, at);
  }
}

/** Added to an approved plan: which of its alternatives it is to be. */
export function pickedText(alternative: string): string {
  return `\n\nThe person picks this alternative: ${alternative}`;
}

const ALTERNATIVES = /^#{1,6}\s*(?:alternatives|options)\b.*$/im;
const ITEM = /^\s*(?:[-*]|\d+[.)])\s+(?:\*\*(?<bold>[^*\n]+)\*\*|(?<plain>[^\n]+))/gm;

/** The named alternatives of a plan: the items of the list under its heading `Alternatives` or `Options`. */
export function alternativesOf(plan: string): string[] {
  const heading = ALTERNATIVES.exec(plan);
  if (heading === null) return [];
  const [section = ''] = plan.slice(heading.index + heading[0].length).split(/^#{1,6}\s/m, 1);
  const items = [...section.matchAll(ITEM)].map(({ groups }) =>
    short((groups?.bold ?? groups?.plain ?? '').replace(/[:.\s]+$/, '')),
  );
  return items.length < 2 ? [] : items.slice(0, 6);
}
