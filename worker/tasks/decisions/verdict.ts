import type { Answer, Answers, Plan, PlanVerdict, Question } from '../../../protocol/decision.ts';
import { harmless, ownWords, quotedHarmless } from '../delivery/harmless.ts';

const NUMBERED = /^\s*(?:q(?:uestion)?\s*)?(\d{1,2})\s*[.):]\s*(.*)$/i;
const APPROVE =
  /^(?:lgtm|approved?|looks good(?: to me)?|ship it|go ahead|ok(?:ay)?|yes|👍|:\+1:|\+1)(?!\p{L})[\s.!:,]*(.*)$/iu;
const REJECT = /^(?:reject(?:ed)?|cancel|stop|drop it|no|👎|:-1:|-1)[\s.!]*$/iu;

const letterOf = (place: number) => String.fromCharCode(65 + place);

/** The one that the words name: by its letter or by its label, whatever the case. */
function named(words: string, labels: readonly string[]): string | null {
  const text = words
    .trim()
    .replace(/^[*_`"'“]+|[*_`"'”.!]+$/g, '')
    .trim();
  const place = /^[a-z]$/i.test(text) ? text.toUpperCase().charCodeAt(0) - 65 : -1;
  const byLetter = labels[place];
  if (byLetter !== undefined) return byLetter;
  return labels.find((label) => label.toLowerCase() === text.toLowerCase()) ?? null;
}

function answerIn(words: string, { options, multiSelect }: Question): Answer {
  const labels = options.map(({ label }) => label);
  const whole = named(words, labels);
  if (whole !== null) return { chosen: [whole], other: '' };
  const parts = words.split(/\s*(?:[,;&+]|\band\b)\s*/i).filter((part) => part.trim() !== '');
  const chosen = parts.map((part) => named(part, labels));
  const all = chosen.filter((label) => label !== null);
  return multiSelect && all.length === parts.length
    ? { chosen: [...new Set(all)], other: '' }
    : { chosen: [], other: words.trim() };
}

/**
 * The answers in a comment: a line `1. A` for each question, in any order, by letter, label or in
 * one's own words; for a single question the number may be left out. Null when a question is left
 * without an answer.
 */
export function readAnswers(comment: string, questions: readonly Question[]): Answers | null {
  const words = questions.map(() => '');
  let at = -1;
  for (const line of comment.split('\n')) {
    if (line.trimStart().startsWith('>')) continue;
    const [, number, rest = ''] = NUMBERED.exec(line) ?? [];
    if (number !== undefined && Number(number) >= 1 && Number(number) <= questions.length) {
      at = Number(number) - 1;
      words[at] = rest.trim();
    } else if (at !== -1) {
      words[at] = `${words[at] ?? ''} ${line.trim()}`.trim();
    }
  }
  if (at === -1 && questions.length === 1) words[0] = comment.trim();
  if (words.some((text) => text === '')) return null;
  return questions.map((question, place) => answerIn(words[place] ?? '', question));
}

/** What a comment says to a plan: approval, one of its alternatives, rejection, or what should change. */
export function readVerdict(comment: string, { alternatives }: Plan): PlanVerdict {
  const text = comment
    .split('\n')
    .filter((line) => !line.trimStart().startsWith('>'))
    .join('\n')
    .trim();
  const alone = named(text.replace(NUMBERED, '$2'), alternatives);
  if (alone !== null) return { is: 'approve', alternative: alone };
  if (REJECT.test(text)) return { is: 'reject' };
  const [, rest] = text.includes('\n') ? [] : (APPROVE.exec(text) ?? []);
  if (rest !== undefined) {
    if (rest.trim() === '') return { is: 'approve', alternative: null };
    const alternative = named(rest.replace(/^(?:with|option|alternative)\s+/i, ''), alternatives);
    if (alternative !== null) return { is: 'approve', alternative };
  }
  return { is: 'changes', text: text.slice(0, 20_000) };
}

const listOf = (labels: readonly string[]) =>
  labels.map((label, place) => `   - **${letterOf(place)}.** ${label}`).join('\n');

/** The questions as a comment; `own` is what the person said themselves. */
export function questionsComment(questions: readonly Question[], own: string): string {
  const asked = questions.map(({ question, options, multiSelect }, place) => {
    const several = multiSelect ? ' (several are possible)' : '';
    const labels = options.map(({ label, description }) =>
      description === '' ? label : `${label}: ${description}`,
    );
    return `${place + 1}. ${question}${several}\n${listOf(labels)}`;
  });
  return `**This needs an answer from you**\n\n${quotedHarmless(asked.join('\n\n'), own)}\n\nAnswer here with a line for each question (\`1. A\`, or your own words), or in Mainloop. The first answer counts.`;
}

/** Said when a comment did not answer everything. */
export const UNREADABLE =
  'That did not answer each question. Please write a line for each of them, like `1. A` or `2. in my own words`.';

/** The plan as a comment. */
export function planComment({ text, round, alternatives }: Plan, own: string): string {
  const offered =
    alternatives.length === 0
      ? ''
      : `\n\nAlternatives, to be picked by their letter:\n${quotedHarmless(listOf(alternatives), own)}`;
  return `**Plan${round === 1 ? '' : ` (revision ${round})`}**\n\n${quotedHarmless(text, own)}${offered}\n\n---\nComment \`lgtm\` or \`approve\` to approve it, \`reject\` to end the task, or say what should change. The first decision counts, here or in Mainloop.`;
}

/** The issue's own text. */
export function issueBody(request: { title: string; prompt: string }, plan: string | null): string {
  const parts = [`## Request\n\n${request.title}`, `## Requirements\n\n${request.prompt}`];
  if (plan !== null) {
    parts.push(`## Approved plan\n\n${harmless(plan, ownWords(request))}`);
  }
  return parts.join('\n\n').slice(0, 60_000);
}
