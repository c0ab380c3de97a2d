import { readFileSync } from 'node:fs';
import path from 'node:path';
import { readConfiguration } from './configuration.ts';
import { ends } from './messages.ts';
import type { Ports } from './ports.ts';
import { Stop } from './stop.ts';

/**
 * A deployment in Cloudflare's own build, behind the Deploy button: nobody set up this folder, and
 * wrangler.toml is as Cloudflare wrote it. It makes what the Worker sends to and stores in; the queue
 * of dead letters is sent to by the platform only, so that nobody makes it and the deployment fails.
 */
export async function deployInWorkersBuilds(ports: Ports): Promise<void> {
  const { root, buildWeb } = ports;
  const wrangler = ports.wrangler(null);
  const { queues } = readConfiguration(readFileSync(path.join(root, 'wrangler.toml'), 'utf8'));
  const sentTo = queues.producers.map(({ queue }) => queue);
  for (const { queue } of queues.consumers) {
    // That it is there already is no failure; of any other the deployment itself tells.
    if (!sentTo.includes(queue)) await wrangler(['queues', 'create', queue], false);
  }
  await buildWeb();
  const { code } = await wrangler(['deploy'], true);
  if (code !== 0) throw new Stop(ends.notDeployed);
}
