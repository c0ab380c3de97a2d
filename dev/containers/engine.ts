import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { PartLog } from '../log.ts';
import { EGRESS_IMAGE, PODMAN } from './prepare.ts';
import { SANDBOX, refusingSocket } from './refusing-socket.ts';

const HERE = path.dirname(fileURLToPath(import.meta.url));
const UP_WITHIN_MS = 20_000;

export type Engine = {
  /** Variables for wrangler, which finds the engine by them. */
  variables: Record<string, string>;
  /** Names of the sandboxes' containers that were begun by it and run now. */
  sandboxes(): Promise<string[]>;
  /** Has the next sandboxes refused with the platform's words; null to end that. */
  refuse(reason: string | null): void;
  /** podman, with its answer. */
  podman(...args: string[]): Promise<string>;
  /** Ends all containers that were begun by it: others' run beside them. */
  stop(): Promise<void>;
};

const exec = promisify(execFile);

async function podman(...args: string[]): Promise<string> {
  const { stdout } = await exec('podman', args, { env: { ...process.env, ...PODMAN } });
  return stdout.trim();
}

/**
 * A container engine behind Docker's socket, for `wrangler dev`. The images have to be there: see
 * `prepare.ts`.
 */
export async function startEngine(dataDir: string, log: PartLog): Promise<Engine> {
  mkdirSync(dataDir, { recursive: true });
  const socket = path.join(dataDir, 'engine.sock');
  rmSync(socket, { force: true });
  const service: ChildProcess = spawn(
    'podman',
    ['system', 'service', '-t', '0', `unix://${socket}`],
    {
      env: { ...process.env, ...PODMAN },
      stdio: ['ignore', 'ignore', 'inherit'],
    },
  );
  const deadline = Date.now() + UP_WITHIN_MS;
  while (!existsSync(socket)) {
    if (service.exitCode !== null || Date.now() > deadline)
      throw new Error('podman did not start.');
    await sleep(50);
  }
  // workerd listens on the bridge's address, which is there only while a container is.
  const held = ['run', '-d', '--rm', '--network', 'podman', '--entrypoint', 'sleep'];
  const bridge = await podman(...held, EGRESS_IMAGE, 'infinity');
  const front = path.join(dataDir, 'front.sock');
  const door = await refusingSocket(front, socket);
  log(`containers by podman, at ${front}`);
  return {
    variables: {
      ...PODMAN,
      DOCKER_HOST: `unix://${front}`,
      WRANGLER_DOCKER_BIN: path.join(HERE, 'docker'),
      MINIFLARE_CONTAINER_EGRESS_IMAGE: EGRESS_IMAGE,
    },
    sandboxes: async () =>
      (await podman('ps', '--format', '{{.Names}}'))
        .split('\n')
        .filter((name) => SANDBOX.test(name) && door.created.has(name)),
    refuse: door.refuse,
    podman,
    stop: async () => {
      door.close();
      const ours = [bridge, ...door.created];
      await podman('rm', '-f', '-t', '0', '--ignore', '--depend', ...ours).catch((error) => {
        log(`containers are left: ${error}`);
      });
      service.kill('SIGTERM');
      rmSync(socket, { force: true });
    },
  };
}
