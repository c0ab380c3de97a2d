import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Secrets } from './installation.ts';
import { DEPLOYING } from './lock.ts';
import { ends } from './messages.ts';
import type { Ports } from './ports.ts';
import { Stop } from './stop.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Uploads a version with all secrets in one call. The file of secrets is there only meanwhile. `begin` is
 * called once nothing stands in the way any more, before anything is uploaded.
 */
export async function deployWorker(
  { folder, buildWeb, hasDocker, wrangler, terminal }: Ports,
  accountId: string,
  tag: string,
  secrets: Secrets,
  isRunning: boolean,
  begin: () => Promise<void>,
): Promise<void> {
  if (!(await hasDocker())) throw new Stop(ends.noDocker);
  if (isRunning) terminal.say(ends.runningTasks);
  await buildWeb();
  await begin();
  const file = path.join(folder.path, DEPLOYING);
  writeFileSync(file, JSON.stringify(secrets), { mode: 0o600 });
  const remove = () => rmSync(file, { force: true });
  // Who stops the command leaves no secrets behind; then the signal does what it would have done.
  const onSignal = (signal: NodeJS.Signals) => {
    remove();
    process.kill(process.pid, signal);
  };
  for (const signal of SIGNALS) process.once(signal, onSignal);
  try {
    const { code } = await wrangler(accountId)(
      ['deploy', `--config=${folder.configuration}`, `--secrets-file=${file}`, `--tag=${tag}`],
      true,
    );
    if (code !== 0) throw new Stop(ends.notDeployed);
  } finally {
    remove();
    for (const signal of SIGNALS) process.off(signal, onSignal);
  }
}

/** What goes to the Worker: the database's address only where it connects by itself. */
export function workersSecrets(
  hyperdrive: boolean,
  { DATABASE_URL: url, ...rest }: Secrets,
): Secrets {
  return hyperdrive || url === undefined ? rest : { ...rest, DATABASE_URL: url };
}
