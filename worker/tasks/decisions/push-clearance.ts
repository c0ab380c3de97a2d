import { retryLaterMs, sentenceOf } from '../../github/failures.ts';
import type { PushVerdict } from '../../../protocol/power.ts';
import type { Pass } from '../../gateway/pass.ts';
import { type Admitted, ok, refuse } from '../../gateway/refusal.ts';
import type { TaskAggregate } from '../aggregate.ts';
import type { TaskPorts } from '../ports.ts';
import type { RunnerApi } from '../runner/runner-api.ts';
import type { DecisionStore } from '../storage/decisions.ts';
import type { TaskStore } from '../storage/task-store.ts';
import type { Decisions } from './decisions.ts';
import { type PushSeen, holdOf, holdQuestion, namesOf } from './push-hold.ts';

/** Git's way to say that there is no such branch yet. */
const NONE = /^0+$/;
/** Of a delivery's paths of power as many are told. */
const PATHS_KEPT_MAX = 50;

/**
 * Which push may reach the host. What changes nothing among the paths of power may; what does is held
 * until a person has allowed that very commit, since a host acts on a branch the moment that it has it.
 */
export class PushClearance {
  readonly #store: TaskStore;
  readonly #aggregate: TaskAggregate;
  readonly #runnerApi: Pick<RunnerApi, 'admit'>;
  readonly #decisions: Decisions;
  readonly #kept: DecisionStore;
  readonly #ports: () => TaskPorts;

  constructor(parts: {
    store: TaskStore;
    aggregate: TaskAggregate;
    runnerApi: Pick<RunnerApi, 'admit'>;
    decisions: Decisions;
    kept: DecisionStore;
    ports: () => TaskPorts;
  }) {
    this.#store = parts.store;
    this.#aggregate = parts.aggregate;
    this.#runnerApi = parts.runnerApi;
    this.#decisions = parts.decisions;
    this.#kept = parts.kept;
    this.#ports = parts.ports;
  }

  /** True for the push that was cleared last, from the tip that it was shown to come from. */
  isCleared(pass: Pass, before: string, after: string): boolean {
    if (this.#runnerApi.admit(pass).is === 'refused') return false;
    const { cleared } = this.#store;
    if (cleared === null || cleared.commit !== after) return false;
    return cleared.before === null ? NONE.test(before) : cleared.before === before;
  }

  /** Clears the push, holds it for a person, or refuses it in words. */
  async clear(pass: Pass, seen: PushSeen): Promise<Admitted<PushVerdict>> {
    const admitted = this.#runnerApi.admit(pass);
    if (admitted.is === 'refused') return admitted;
    const base = await this.#baseIsTheirs(seen.base);
    if (base.is === 'refused') return base;
    return this.#store.transaction((): Admitted<PushVerdict> => {
      // Meanwhile it may have been replaced.
      const still = this.#runnerApi.admit(pass);
      return still.is === 'refused' ? still : ok(this.#verdict(pass.generation, seen));
    });
  }

  #verdict(generation: number, seen: PushSeen): PushVerdict {
    const { commit, before, fresh, paths } = seen;
    const held = fresh.length === 0 ? null : this.#kept.ofToolUse(holdOf(commit));
    if (fresh.length === 0 || held?.allowed === true) {
      this.#store.cleared = { commit, before, paths: paths.slice(0, PATHS_KEPT_MAX) };
      return { is: 'clear' };
    }
    const names = namesOf(fresh.map(({ path }) => path));
    if (held !== null && held.outcome !== null) {
      return {
        is: 'refused',
        text: `Your commit ${commit.slice(0, 7)} changes ${names}, which the person did not allow. Take these changes back, commit, and end again with your handover.`,
      };
    }
    const question = holdQuestion(seen);
    if (question === null) {
      return {
        is: 'refused',
        text: `Your commits change more than a person can look at among the files that act by themselves: ${names}. Change less there, or leave that to a person; commit, and end again with your handover.`,
      };
    }
    if (held === null) {
      const text = `Held back from the git host until you allow it: commit ${commit.slice(0, 7)} changes ${names}`;
      this.#aggregate.note(Date.now(), { type: 'step', text });
    }
    this.#decisions.askQuestions(generation, holdOf(commit), [question]);
    return { is: 'held' };
  }

  /** What is compared with must be the base branch's, or a worker would compare with a commit of its own. */
  async #baseIsTheirs(commit: string): Promise<Admitted<null>> {
    const { repository, baseBranch } = this.#aggregate.spec();
    const compared = await this.#ports().github.compare(repository, commit, baseBranch);
    if (compared.is === 'failed') {
      const isPassing = retryLaterMs(compared.failure) !== null;
      return refuse(
        isPassing ? 'unavailable' : 'forbidden',
        sentenceOf(compared.failure, repository),
      );
    }
    return compared.value === 'ahead' || compared.value === 'identical'
      ? ok(null)
      : refuse('forbidden', `${commit.slice(0, 7)} is no commit of ${baseBranch} at the host.`);
  }
}
