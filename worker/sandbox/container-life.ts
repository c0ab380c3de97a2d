import { log } from '../platform/log.ts';
import { noRoom } from './no-room.ts';
import type { Ensured } from './port.ts';

/** Most that a start may take. The task gives its sandbox up later, after its own 120 s. */
const START_WITHIN_MS = 90_000;
/** Longer than a runner takes for its last checkpoint. */
const LEAVE_WITHIN_MS = 12_000;
const SIGTERM = 15;
/**
 * How many looks a container outlives its object's silence. Without that it is ended shortly after
 * the object sleeps, whatever runs in it (https://developers.cloudflare.com/sandbox/concepts/lifetime/).
 */
const LOOKS_OUTLIVED = 5;
const OWNER_KEY = 'owner';

/** Whose sandbox this is: the Task's object and its generation. */
export type Owner = { objectId: string; generation: number };

/** The part of `ctx.container` that is used; see https://developers.cloudflare.com/containers/api/durable-object-container/. */
export type ContainerPort = Pick<
  Container,
  'running' | 'monitor' | 'signal' | 'destroy' | 'setInactivityTimeout'
> & {
  /** Resolves when a command ran in it: then it is up. */
  ready(): Promise<void>;
};

/** The Task as its sandbox sees it. */
export type OwnerPort = {
  /** False once another sandbox took its place, or none is needed. */
  wantsSandbox(generation: number): Promise<boolean>;
  /** It ended by itself, or was ended. */
  sandboxEnded(generation: number): Promise<void>;
};

export type LifeParts = {
  container: ContainerPort;
  storage: Pick<
    DurableObjectStorage,
    'get' | 'put' | 'setAlarm' | 'getAlarm' | 'deleteAlarm' | 'deleteAll'
  >;
  owner(objectId: string): OwnerPort;
  /** How often it is asked whether its task still wants it; two of it and a stop are less than 5 minutes. */
  lookEveryMs: number;
  /** Rejects when it is aborted: a timer that nobody needs keeps the object awake. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
};

/**
 * One container from its start to its end. The runner is its only process: it lives as long as that,
 * and no longer. Whoever comes first acts: a stop during a start has the start fail, and two starts
 * are one.
 */
export class ContainerLife {
  readonly #parts: LifeParts;
  #starting: Promise<Ensured> | null = null;
  #end: Promise<unknown> | null = null;
  /** True while its end is news to its task: once it was up, and until it is stopped. */
  #isUp = false;

  constructor(parts: LifeParts) {
    this.#parts = parts;
  }

  get isRunning(): boolean {
    return this.#parts.container.running;
  }

  /**
   * Has it live on while its object sleeps between two looks. To be said of each container, and again by
   * each object: a deploy starts the objects anew, and they have forgotten it.
   */
  async outlive(): Promise<void> {
    const { container, lookEveryMs } = this.#parts;
    if (container.running) await container.setInactivityTimeout(LOOKS_OUTLIVED * lookEveryMs);
  }

  /** @param start begins it; called once, and only when it does not run. */
  ensure(owner: Owner, start: () => Promise<void>): Promise<Ensured> {
    this.#starting ??= this.#ensure(owner, start).finally(() => {
      this.#starting = null;
    });
    return this.#starting;
  }

  async stop(): Promise<void> {
    const { container, storage } = this.#parts;
    this.#isUp = false;
    if (container.running) {
      const ended = this.#watch();
      container.signal(SIGTERM);
      await this.#within(LEAVE_WITHIN_MS, [ended]);
    }
    // Also for one that ended: its disk is freed by this alone.
    await container.destroy();
    await storage.deleteAlarm();
    await storage.deleteAll();
  }

  /** Looks whether it is still wanted. A Task that cannot be asked keeps it until it can. */
  async lookAfter(): Promise<void> {
    const { storage, owner } = this.#parts;
    const kept = await storage.get<Owner>(OWNER_KEY);
    if (kept === undefined) return;
    // First of all: whatever fails from here on is tried again, until a stop has taken this back.
    await storage.setAlarm(Date.now() + this.#parts.lookEveryMs);
    try {
      if (await owner(kept.objectId).wantsSandbox(kept.generation)) {
        // This object may have slept, and nobody listened for the end meanwhile.
        if (this.isRunning) {
          this.#isUp = true;
          void this.#watch();
          await this.outlive();
          return;
        }
        await owner(kept.objectId).sandboxEnded(kept.generation);
      }
    } catch (error) {
      log.warn('sandbox.owner_away', { ...kept, error: String(error) });
      return;
    }
    log.info('sandbox.ended', { ...kept, running: this.isRunning });
    try {
      await this.stop();
    } catch (error) {
      log.error('sandbox.not_stopped', error, kept);
    }
  }

  async #ensure(owner: Owner, start: () => Promise<void>): Promise<Ensured> {
    const { container, storage } = this.#parts;
    if (!container.running) {
      // Before it begins: whatever happens to this call, somebody looks after what it started.
      await storage.put(OWNER_KEY, owner);
      await storage.setAlarm(Date.now() + this.#parts.lookEveryMs);
      await start();
      await this.outlive();
    }
    const tried = container.ready().then(
      () => null,
      (error: unknown) => error,
    );
    // Either of the two is told why, and the other only that it failed.
    const both = Promise.all([tried, this.#watch()]);
    const up = tried.then((error) => (error === null ? null : both));
    const failed = await this.#within(START_WITHIN_MS, [up]);
    if (failed === 'late') {
      throw new Error(`The container was not up after ${START_WITHIN_MS / 1_000} s.`);
    }
    if (failed === null) {
      this.#isUp = true;
      return { is: 'up' };
    }
    const why = failed.map(noRoom).find((words) => words !== null);
    if (why === undefined) {
      throw new Error(`The container ended while it started: ${failed.map(String).join('; ')}`);
    }
    await this.stop();
    return { is: 'no_room', why };
  }

  /** The first of them to settle, or `late`. */
  async #within<T>(ms: number, promises: Promise<T>[]): Promise<T | 'late'> {
    const over = new AbortController();
    const late = this.#parts.sleep(ms, over.signal).then(() => 'late' as const);
    // What loses the race settles when nobody listens any more.
    for (const promise of [late, ...promises]) promise.catch(() => {});
    try {
      return await Promise.race([late, ...promises]);
    } finally {
      over.abort();
    }
  }

  /** Resolves when it ended, with what the platform says of it; never rejects. One listener a life. */
  #watch(): Promise<unknown> {
    this.#end ??= this.#parts.container
      .monitor()
      .catch((error: unknown) => error)
      .then(async (why: unknown) => {
        this.#end = null;
        if (this.#isUp) await this.#tellEnd(why);
        return why;
      });
    return this.#end;
  }

  /** So that its task need not find out by its silence. */
  async #tellEnd(why: unknown): Promise<void> {
    const kept = await this.#parts.storage.get<Owner>(OWNER_KEY);
    if (kept === undefined) return;
    log.info('sandbox.exited', { ...kept, why: String(why ?? 'exited') });
    await this.#parts
      .owner(kept.objectId)
      .sandboxEnded(kept.generation)
      .catch((error: unknown) => {
        log.warn('sandbox.owner_away', { ...kept, error: String(error) });
      });
  }
}
