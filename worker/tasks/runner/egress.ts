import type { EgressRefusal } from '../../../protocol/pages.ts';
import type { EgressAnswer } from '../../gateway/egress.ts';
import {
  type EgressRequest,
  type EgressVerdict,
  decideEgress,
} from '../../gateway/egress-decision.ts';
import { readMirrors } from '../../platform/mirrors.ts';
import type { Pass } from '../../gateway/pass.ts';
import { type Admitted, ok, refuse } from '../../gateway/refusal.ts';
import { log } from '../../platform/log.ts';
import { type EgressRefusalStore, REFUSALS_MAX, together } from '../storage/egress-refusals.ts';
import type { RunnerApi } from './runner-api.ts';
import type { SandboxSettingsReader } from './sandbox-settings.ts';

/** How old the settings may be by which something is allowed: so long a ban may take to hold. */
const ALLOWS_WITHIN_MS = 30_000;
/** The same for a refusal: so long a person may have to wait who has just allowed it. */
const REFUSES_WITHIN_MS = 5_000;
/** A sandbox that goes on asking has its refusals counted together: they are written so often at most. */
const WRITE_EVERY_MS = 10_000;
const NOT_NOW = 'Mainloop cannot tell now what this sandbox may reach. Try again in a moment.';

/** What a task's sandboxes may reach beside the gateway, by the settings of their repository. */
export class Egress {
  readonly #runnerApi: Pick<RunnerApi, 'admit'>;
  readonly #settings: SandboxSettingsReader;
  readonly #refusals: EgressRefusalStore;
  readonly #mirrors: string | undefined;
  /** Not written yet, by what was asked for, the newest last. */
  readonly #waiting = new Map<string, EgressRefusal>();
  #writtenAt = 0;

  constructor(parts: {
    runnerApi: Pick<RunnerApi, 'admit'>;
    settings: SandboxSettingsReader;
    refusals: EgressRefusalStore;
    /** The owner's setting, as it is given. */
    mirrors: string | undefined;
  }) {
    this.#runnerApi = parts.runnerApi;
    this.#settings = parts.settings;
    this.#refusals = parts.refusals;
    this.#mirrors = parts.mirrors;
  }

  async admit(pass: Pass, asked: EgressRequest): Promise<Admitted<EgressAnswer>> {
    const before = this.#runnerApi.admit(pass);
    if (before.is === 'refused') return before;
    const { taskId, generation } = before.value;
    const scope = { taskId, generation };
    try {
      let verdict = await this.#decide(asked, ALLOWS_WITHIN_MS);
      if (verdict.is === 'refused') verdict = await this.#decide(asked, REFUSES_WITHIN_MS);
      if (verdict.is === 'refused') this.#count(verdict.asked, Date.now());
      return ok({ scope, verdict });
    } catch (error) {
      log.warn('task.egress_not_decided', { ...scope, error: String(error) });
      return refuse('unavailable', NOT_NOW);
    }
  }

  /** The newest first, with those that are not written yet. */
  refusals(): EgressRefusal[] {
    const written = new Map(this.#refusals.all().map((one) => [one.asked, one]));
    const waiting = [...this.#waiting.values()].toReversed();
    return [
      ...waiting.map((one) => together(written.get(one.asked), one)),
      ...[...written.values()].filter(({ asked }) => !this.#waiting.has(asked)),
    ].slice(0, REFUSALS_MAX);
  }

  /**
   * Writes what was counted, once it is time. The platform may end the object before: then the counts
   * of the last seconds are missing, and no more.
   *
   * @param isLast true where no sandbox asks any more.
   */
  write(now: number, isLast: boolean): void {
    if (this.#waiting.size === 0) return;
    if (!isLast && now - this.#writtenAt < WRITE_EVERY_MS) return;
    this.#refusals.add([...this.#waiting.values()]);
    this.#waiting.clear();
    this.#writtenAt = now;
  }

  async #decide(asked: EgressRequest, oldestMs: number): Promise<EgressVerdict> {
    const { egress } = await this.#settings.read(oldestMs);
    return decideEgress(egress, asked, readMirrors('EGRESS_MIRRORS', this.#mirrors).hosts);
  }

  #count(asked: string, now: number): void {
    const one = together(this.#waiting.get(asked), { asked, count: 1, firstAt: now, lastAt: now });
    this.#waiting.delete(asked);
    this.#waiting.set(asked, one);
    const [oldest] = this.#waiting.keys();
    if (this.#waiting.size > REFUSALS_MAX && oldest !== undefined) this.#waiting.delete(oldest);
    this.write(now, false);
  }
}
