import type { GitHubPort, GitHubResult } from '../../github/port.ts';
import { type Feedback, isByPerson } from './feedback.ts';

/** How long an answer counts: one who was just given the right, or lost it, is seen soon. */
const HOLDS_MS = 60_000;
/** Most people that the host is asked about in one look. */
const PEOPLE_MAX = 20;

type Parts = {
  mayWrite: GitHubPort['mayWrite'];
  repository: () => string;
  now?: () => number;
  /** From 0 up to 1, without 1. */
  random?: () => number;
};

/**
 * Who may write to the task's repository, and so steer its worker by a comment. The host is asked for
 * each person: how it calls their association with the repository tells nothing of what they may do.
 */
export class Writers {
  readonly #mayWrite: GitHubPort['mayWrite'];
  readonly #repository: () => string;
  readonly #now: () => number;
  readonly #random: () => number;
  /** By login; no more than what is asked within the time that an answer counts. */
  readonly #known = new Map<string, { may: boolean; until: number }>();

  constructor({ mayWrite, repository, now = Date.now, random = Math.random }: Parts) {
    this.#mayWrite = mayWrite;
    this.#repository = repository;
    this.#now = now;
    this.#random = random;
  }

  /**
   * Those among who said this that may write, by login. Programs are not asked about. Of very many
   * people some are asked about at a later look: not always the same, or strangers could keep the
   * words of one who may write from ever being taken up.
   */
  async among(said: readonly Feedback[]): Promise<GitHubResult<ReadonlySet<string>>> {
    for (const [login, { until }] of this.#known) {
      if (until <= this.#now()) this.#known.delete(login);
    }
    const people = [...new Set(said.filter(isByPerson).map(({ author }) => author))];
    const unknown = people.filter((login) => !this.#known.has(login));
    const first = unknown.length > PEOPLE_MAX ? Math.floor(this.#random() * unknown.length) : 0;
    const inTurn = [...unknown.slice(first), ...unknown.slice(0, first)].slice(0, PEOPLE_MAX);
    for (const login of inTurn) {
      const answer = await this.#mayWrite(this.#repository(), login);
      if (answer.is === 'failed') return answer;
      this.#known.set(login, { may: answer.value, until: this.#now() + HOLDS_MS });
    }
    const may = people.filter((login) => this.#known.get(login)?.may === true);
    return { is: 'ok', value: new Set(may) };
  }
}
