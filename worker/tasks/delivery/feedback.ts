import type { Check } from './checks.ts';

/** Something that was said about a pull request at the git host. */
export type Feedback = {
  /** Unique among all kinds. */
  id: string;
  kind: 'review' | 'inline' | 'comment';
  /** The comment's own number, to answer in its thread; null for a review. */
  commentId: number | null;
  author: string;
  isBot: boolean;
  /** True for those who may write to the repository: nobody else's words reach a worker. */
  mayInstruct: boolean;
  body: string;
  path: string | null;
  line: number | null;
  /** Milliseconds since 1970. */
  at: number;
};

const MAY_INSTRUCT = new Set(['OWNER', 'MEMBER', 'COLLABORATOR']);
/** In everything that Mainloop writes there, so that it does not answer itself. */
const OURS = '<!-- mainloop';

export function mayInstruct(association: string | null | undefined): boolean {
  return MAY_INSTRUCT.has(association ?? '');
}

/** A text of ours, with the mark by which it is found again. */
export function marked(text: string, key: string): string {
  return `${text}\n\n<!-- mainloop:${key} -->`;
}

export function hasMark(body: string, key: string): boolean {
  return body.includes(`<!-- mainloop:${key} -->`);
}

/** True for words of a person who may instruct a worker; not for our own, nor for a program's. */
export function mayAnswer({ isBot, mayInstruct: may, body }: Feedback): boolean {
  return may && !isBot && body.trim() !== '' && !body.includes(OURS);
}

/** What the worker must take up: words of people who may instruct it, oldest first. */
export function forWorker(all: readonly Feedback[], seen: ReadonlySet<string>): Feedback[] {
  return all
    .filter((one) => !seen.has(one.id) && mayAnswer(one))
    .toSorted((one, other) => one.at - other.at);
}

/** What people said, each with its place. */
export function feedbackWords(feedback: readonly Feedback[]): string {
  const parts = feedback.map(({ kind, author, path, line, body }) => {
    const place = path === null ? '' : ` on ${path}${line === null ? '' : `, line ${line}`}`;
    const what = kind === 'review' ? 'Review' : kind === 'inline' ? 'Review comment' : 'Comment';
    const quoted = body.trim().replaceAll('\n', '\n> ');
    return `${what} by @${author}${place}:\n> ${quoted}`;
  });
  return parts.join('\n\n');
}

/** The words to the worker about what people said. */
export function feedbackPrompt(number: number, words: string): string {
  return `Your pull request #${number} got feedback. Take it up, run the tests, and commit; if something should stay as it is, say why in your summary.\n\n${words}`;
}

/** The words to the worker about checks that failed, each with the end of its log. */
export function checksPrompt(number: number, failed: readonly Check[]): string {
  const parts = failed.map(({ name, log }) => {
    const text = log === '' ? 'The host tells no more.' : `\n\`\`\`\n${log}\n\`\`\``;
    return `Check ${name} failed. ${text}`;
  });
  return `Checks of your pull request #${number} failed. Find the cause, mend it, run the tests, and commit.\n\n${parts.join('\n\n')}`;
}
