/** One life of one task's sandbox. A higher generation replaces all lower ones. */
export type SandboxRun = { taskId: string; generation: number };

/** All that a sandbox is given; the token opens the gateway for this task and nothing else. */
export type RunnerEnvironment = {
  /** Base of the gateway, without a trailing slash: routes follow it as `/brief`, `/events`, ... */
  MAINLOOP_GATEWAY: string;
  MAINLOOP_TASK_TOKEN: string;
};

/**
 * Where runners live. Implementations: Cloudflare Containers and the local sandbox host.
 * A process is never the job: callers take the Task's storage, not this port, as the truth.
 */
export type SandboxPort = {
  /** Sees to it that a runner for this run is there; calling it again while one lives changes nothing. */
  ensure(run: SandboxRun, environment: RunnerEnvironment): Promise<void>;
  /** False also when the host cannot be asked. */
  alive(run: SandboxRun): Promise<boolean>;
  /** Ends the run's processes and frees its disk; nothing happens when it is gone already. */
  stop(run: SandboxRun): Promise<void>;
};
