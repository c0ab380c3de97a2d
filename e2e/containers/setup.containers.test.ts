import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Engine, startEngine } from '../../dev/containers/engine.ts';
import { prepareContainers } from '../../dev/containers/prepare.ts';
import { hasPip } from '../harness/private-index.ts';
import { setupScenario } from '../harness/setup-scenario.ts';

let engine: Engine;

beforeAll(async () => {
  prepareContainers((text) => console.log(text));
  engine = await startEngine(`/tmp/mainloop-setup-${process.pid}`, () => {});
});
afterAll(() => engine?.stop());

describe.skipIf(!hasPip())('a repository with a set-up script, in containers', () => {
  setupScenario({
    containers: () => engine.variables,
    indexName: 'index.acme.example',
    // As what a package manager of the system does: files of root's, and one that only root reads.
    more: {
      script: `sudo -E setsid sleep 1000 > /dev/null 2>&1 &
sudo env -i setsid sh -c 'sleep 1000; :' sh "$INDEX_PASSWORD" < /dev/null > /dev/null 2>&1 &
printf '#!/bin/sh\\necho acme\\n' | sudo tee /usr/local/bin/acme-tool > /dev/null
sudo chmod 755 /usr/local/bin/acme-tool
echo root | sudo tee /etc/acme.conf > /dev/null && sudo chmod 600 /etc/acme.conf
`,
      look: `acme-tool; sudo cat /etc/acme.conf
sudo grep -rlaF "$S" /etc /opt /root /usr/local /var 2>/dev/null | sed 's/^/FOUND /'
for p in /proc/[0-9]*; do sudo cat $p/environ 2>/dev/null | grep -qaF "$S" && echo "FOUND $p"; done`,
      found: 'acme\nroot\n',
    },
    isGone: async () => (await engine.sandboxes()).length === 0,
  });
});

it('leaves no container', async () => {
  await expect.poll(() => engine.sandboxes(), { timeout: 60_000 }).toEqual([]);
});
