import type { EgressRefusal } from '../../../protocol/pages.ts';
import type { EgressAnswer } from '../../gateway/egress.ts';
import {
  type EgressRequest,
  type EgressVerdict,
  decideEgress,
} from '../../gateway/egress-decision.ts';
import { egressMirrors } from '../../gateway/egress-mirrors.ts';
import type { Pass } from '../../gateway/pass.ts';
import { type Admitted, ok, refuse } from '../../gateway/refusal.ts';
import { log } from '../../platform/log.ts';
import type { EgressRefusalStore } from '../storage/egress-refusals.ts';
import type { RunnerApi } from './runner-api.ts';
import type { SandboxSettingsReader } from './sandbox-settings.ts';

/** How old the settings may be by which something is allowed: so long a ban may take to hold. */
const ALLOWS_WITHIN_MS = 30_000;
/** The same for a refusal: so long a person may have to wait who has just allowed it. */
const REFUSES_WITHIN_MS = 5_000;
/** A sandbox that goes on asking has its refusals counted together, a row written so often. */
const COUNT_EVERY_MS = 1_000;
const COUNTED_MAX = 100;
const NOT_NOW = 'Mainloop cannot tell now what this sandbox may reach. Try again in a moment.';

/** What a task's sandboxes may reach beside the gateway, by the settings of their repository. */
export class Egress {
  readonly #runnerApi: Pick<RunnerApi, 'admit'>;
  readonly #settings: SandboxSettingsReader;
  readonly #refusals: EgressRefusalStore;
  readonly #mirrors: string | undefined;
  /** Refusals that are not written yet, each with when it was written last. */
  readonly #counted = new Map<string, { times: number; writtenAt: number }>();

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

  /** The newest first. */
  refusals(): EgressRefusal[] {
    for (const [asked, { times }] of this.#counted) {
      if (times > 0) this.#write(asked, times, Date.now());
    }
    return this.#refusals.all();
  }

  async #decide(asked: EgressRequest, oldestMs: number): Promise<EgressVerdict> {
    const { egress } = await this.#settings.read(oldestMs);
    return decideEgress(egress, asked, egressMirrors(this.#mirrors).hosts);
  }

  #count(asked: string, now: number): void {
    const { times, writtenAt } = this.#counted.get(asked) ?? { times: 0, writtenAt: 0 };
    if (now - writtenAt >= COUNT_EVERY_MS) this.#write(asked, times + 1, now);
    else this.#counted.set(asked, { times: times + 1, writtenAt });
  }

  #write(asked: string, times: number, now: number): void {
    this.#refusals.count(asked, times, now);
    this.#counted.delete(asked);
    this.#counted.set(asked, { times: 0, writtenAt: now });
    const [oldest] = this.#counted.keys();
    if (this.#counted.size > COUNTED_MAX && oldest !== undefined) this.#counted.delete(oldest);
  }
}
