import { haveApp } from './github-app.ts';
import {
  type Answers,
  AppId,
  type Flag,
  QUESTIONS,
  type Question,
  SECRET_OF,
} from './questions.ts';

export const NEEDED = ['host', 'emails', 'database-url'] as const;
/** Needed once: the Worker keeps them. */
export const NEEDED_BY_WORKER = ['anthropic-api-key', 'github-token'] as const;
/** In place of the token. The Worker uses the App where it has both. */
const APP = ['github-app-id', 'github-app-private-key'] as const;

const isOneOf = (list: readonly string[], one: string) => list.includes(one);

/**
 * What nobody has said yet and setup cannot do without.
 *
 * @param deployed names of the secrets that the Worker has; null where none runs.
 */
export function missingAnswers(
  answers: Answers,
  deployed: readonly string[] | null,
): (Question & { flag: Flag })[] {
  const isKnown = (flag: Flag) =>
    answers[flag] !== undefined || deployed?.includes(SECRET_OF[flag] ?? '') === true;
  const isAppBegun = APP.some(isKnown);
  return QUESTIONS.filter(({ flag }) => {
    if (isOneOf(NEEDED, flag)) return answers[flag] === undefined;
    if (isKnown(flag)) return false;
    if (isOneOf(APP, flag)) return isAppBegun;
    return isOneOf(NEEDED_BY_WORKER, flag) && !(flag === 'github-token' && isAppBegun);
  });
}

/** Asks for what is missing, one after another. */
export async function askForMissing(
  answers: Answers,
  deployed: readonly string[] | null,
  ask: (question: Question) => Promise<string>,
): Promise<Answers> {
  const all = { ...answers };
  const asked = new Set<Flag>();
  for (;;) {
    const next = missingAnswers(all, deployed).find(({ flag }) => !asked.has(flag));
    if (next === undefined) return all;
    asked.add(next.flag);
    const said = await ask(next);
    // Asked for a token, a person may name an App instead, and is asked for its key next.
    const isApp = next.flag === 'github-token' && AppId.safeParse(said).success;
    all[isApp ? 'github-app-id' : next.flag] = said;
  }
}

/** Names of secrets that the Worker does not begin without, where it has these. */
export const neededSecrets = (has: readonly string[]) =>
  (
    ['ANTHROPIC_API_KEY', 'GITHUB_TOKEN', 'GITHUB_WEBHOOK_SECRET', 'ENCRYPTION_KEYS'] as const
  ).filter((name) => name !== 'GITHUB_TOKEN' || !haveApp(has));
