import type { InstanceType } from '../../protocol/environment.ts';

/** One life of one task's sandbox. A higher generation replaces all lower ones. */
export type SandboxRun = { taskId: string; generation: number };

/** All that a sandbox is given; the token opens the gateway for this task and nothing else. */
export type RunnerEnvironment = {
  /** Base of the gateway, without a trailing slash: routes follow it as `/brief`, `/events`, ... */
  MAINLOOP_GATEWAY: string;
  MAINLOOP_TASK_TOKEN: string;
};

/** What came of asking for a sandbox. */
export type Ensured =
  | { is: 'up' }
  /** None is to be had now, and one will be: all are taken, or the image is not ready. `why` is for the log. */
  | { is: 'no_room'; why: string };

/**
 * Where runners live. Implementations: Cloudflare Containers and the local sandbox host.
 * A process is never the job: callers take the Task's storage, not this port, as the truth.
 */
export type SandboxPort = {
  /**
   * Sees to it that a runner for this run is there, and resolves when it is. Calls for the same run,
   * at the same time or one after another, have one runner between them. Throws when it fails or is
   * late; what is late may still come, and is joined by the next call.
   *
   * @param instance how large it is, where sandboxes have sizes.
   */
  ensure(
    run: SandboxRun,
    environment: RunnerEnvironment,
    instance?: InstanceType,
  ): Promise<Ensured>;
  /** Asks and starts nothing. Throws when it cannot be asked: that it is gone is said only by who knows. */
  alive(run: SandboxRun): Promise<boolean>;
  /**
   * Ends the run's processes, with time for a last checkpoint, and frees its disk. Nothing happens
   * when it is gone already.
   */
  stop(run: SandboxRun): Promise<void>;
};
