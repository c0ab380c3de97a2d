import type { Answer, Answers, Question } from '../../protocol/decision.ts';

const EMPTY: Answer = { chosen: [], other: '' };

/** As many answers as there are questions, those given before among them. */
export function answersFor(questions: readonly Question[], given: Answers): Answers {
  return questions.map((_, place) => given[place] ?? EMPTY);
}

/** Chooses an option, or takes it back; where one answer is wanted it stands alone. */
export function choose(question: Question, answer: Answer, label: string): Answer {
  if (!question.multiSelect) return { chosen: [label], other: '' };
  const chosen = answer.chosen.includes(label)
    ? answer.chosen.filter((one) => one !== label)
    : question.options
        .map((one) => one.label)
        .filter((one) => one === label || answer.chosen.includes(one));
  return { ...answer, chosen };
}

/** Words of the person's own: beside the options, or in their place where one answer is wanted. */
export function write(question: Question, answer: Answer, other: string): Answer {
  const replaces = !question.multiSelect && other.trim() !== '';
  return { chosen: replaces ? [] : answer.chosen, other };
}

function isAnswered({ chosen, other }: Answer): boolean {
  return chosen.length > 0 || other.trim() !== '';
}

/** What is still to do before the answers can be sent; null when nothing is. */
export function missing(answers: Answers): string | null {
  const open = answers.filter((answer) => !isAnswered(answer)).length;
  if (open === 0) return null;
  if (answers.length === 1) return 'Choose one, or write your own answer.';
  return open === 1 ? 'One question is still open.' : `${open} questions are still open.`;
}
