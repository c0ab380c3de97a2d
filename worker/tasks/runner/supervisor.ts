import type { Env } from '../../env.ts';
import { formatToken, newSecret } from '../../gateway/token.ts';
import { secretHash } from '../../platform/secret-hash.ts';
import { log } from '../../platform/log.ts';
import type { TaskAggregate } from '../aggregate.ts';
import type { RunnerApi } from './runner-api.ts';
import type { TaskPorts } from '../ports.ts';
import type { SandboxSettingsReader } from './sandbox-settings.ts';
import { type SandboxSituation, sandboxIsUp } from '../lifecycle/next-step.ts';
import type { TaskStore } from '../storage/task-store.ts';

/** Pause after a start that failed. */
const ENSURE_AGAIN_MS = 3_000;
/** The same while no sandbox is to be had: somebody has to finish first. */
const NO_ROOM_AGAIN_MS = 10_000;

/** Sees to the task's newest sandbox: that it is started, and that it is still there. */
export class SandboxSupervisor {
  readonly #store: TaskStore;
  readonly #aggregate: TaskAggregate;
  readonly #runnerApi: RunnerApi;
  readonly #settings: SandboxSettingsReader;
  readonly #ports: () => TaskPorts;
  readonly #gatewayUrl: Env['GATEWAY_URL'];
  readonly #objectId: string;
  #ensuring: Promise<void> | null = null;
  #ensureAgainAt = 0;
  #askedAt = 0;

  constructor(parts: {
    store: TaskStore;
    aggregate: TaskAggregate;
    runnerApi: RunnerApi;
    settings: SandboxSettingsReader;
    ports: () => TaskPorts;
    gatewayUrl: Env['GATEWAY_URL'];
    /** The Durable Object's id, which the task token names. */
    objectId: string;
  }) {
    this.#store = parts.store;
    this.#aggregate = parts.aggregate;
    this.#runnerApi = parts.runnerApi;
    this.#settings = parts.settings;
    this.#ports = parts.ports;
    this.#gatewayUrl = parts.gatewayUrl;
    this.#objectId = parts.objectId;
  }

  /** Starts the sandbox that the task needs now; a call during another joins it. Never throws. */
  async ensure(): Promise<void> {
    this.#ensuring ??= this.#ensureOnce().finally(() => {
      this.#ensuring = null;
    });
    try {
      await this.#ensuring;
    } catch (error) {
      this.#ensureAgainAt = Date.now() + ENSURE_AGAIN_MS;
      log.error('task.sandbox_not_started', error, { taskId: this.#aggregate.spec().taskId });
    }
  }

  /** Asks the host about a sandbox that has not been heard of for a while. Never throws. */
  async lookAfter(): Promise<void> {
    const { state, generation } = this.#store.record;
    if (!sandboxIsUp(state)) return;
    const run = { taskId: this.#aggregate.spec().taskId, generation };
    this.#askedAt = Date.now();
    try {
      if (await this.#ports().sandbox.alive(run)) return;
    } catch (error) {
      // It may live: if it does not, its silence tells.
      log.warn('task.sandbox_not_seen', { ...run, error: String(error) });
      return;
    }
    log.warn('task.sandbox_gone', run);
    this.#store.transaction(() => this.#aggregate.apply({ on: 'sandbox_gone', generation }));
  }

  /** What is known of the newest sandbox, for what is next. */
  situation(): SandboxSituation {
    return {
      seenAt: Math.max(this.#runnerApi.heardAt, this.#askedAt),
      isStarting: this.#ensuring !== null,
      startAgainAt: this.#ensureAgainAt,
    };
  }

  async #ensureOnce(): Promise<void> {
    const { taskId } = this.#aggregate.spec();
    const secret = newSecret();
    const hash = secretHash(secret);
    const generation = this.#store.transaction(() => {
      this.#aggregate.apply({ on: 'start' });
      const newest = this.#store.record.generation;
      // An earlier try may have started it all the same, with the secret that it was given.
      this.#store.keepTokenHashes(newest, [...this.#store.tokenHashes(newest), hash]);
      return newest;
    });
    this.#runnerApi.heardAt = Date.now();
    // As they are now: what was changed since the task began counts.
    const { instance } = await this.#settings.read();
    const ensured = await this.#ports().sandbox.ensure(
      { taskId, generation },
      {
        MAINLOOP_GATEWAY: `${this.#gatewayUrl}/gateway`,
        MAINLOOP_TASK_TOKEN: formatToken({ objectId: this.#objectId, generation, secret }),
      },
      instance,
    );
    if (ensured.is === 'no_room') {
      log.warn('task.no_room', { taskId, generation, why: ensured.why });
      this.#ensureAgainAt = Date.now() + NO_ROOM_AGAIN_MS;
      this.#store.transaction(() => {
        const hashes = this.#store.tokenHashes(generation).filter((one) => one !== hash);
        this.#store.keepTokenHashes(generation, hashes);
        this.#aggregate.apply({ on: 'no_room', generation });
      });
      return;
    }
    this.#store.transaction(() => this.#aggregate.apply({ on: 'ensured', generation }));
  }
}
