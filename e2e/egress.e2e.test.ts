import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findJail } from '../dev/sandbox-host/jail.ts';
import { launchBrowser, visit } from './harness/browser.ts';
import {
  type Probing,
  expectNothingElse,
  expectPackagesWork,
  expectRefusalsToBeNamed,
  startProbing,
} from './harness/egress-probing.ts';

const PACKAGES = 200;
const DONE_MS = 240_000;

function has(command: string, ...args: string[]): boolean {
  try {
    execFileSync(command, args, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

const jail = findJail();
const tools =
  has('/usr/bin/python3', '-m', 'pip', '--version') && has('/usr/bin/npm', '--version')
    ? null
    : 'npm or pip is not in /usr/bin';
const skips = jail.is === 'missing' ? jail.why : tools;
if (skips !== null) console.log(`What a jail reaches is not tried here: ${skips}`);

describe.runIf(skips === null)('a worker in a jail without a network', () => {
  let probing: Probing;

  beforeAll(async () => {
    probing = await startProbing({
      packages: PACKAGES,
      withinMs: DONE_MS,
      aims: (stack, model, registry) => ({
        'the git host': stack.gitHost?.url ?? '',
        'the model': model,
        'the registry’s own port': `http://127.0.0.1:${registry.port}`,
      }),
    });
  }, DONE_MS + 60_000);

  afterAll(() => probing?.stop());

  it('installs npm’s and Python’s packages, with git, node, curl and python trusting what answers', () => {
    const { found, registry } = probing;
    expectPackagesWork(found, PACKAGES);
    const tarballs = registry.asked.filter((line) => line.endsWith('.tgz'));
    expect(new Set(tarballs).size).toBe(PACKAGES);
  });

  it('reaches nothing else, is told so at once, and does not get at the machine around it', () => {
    const { found, registry } = probing;
    expectNothingElse(found);
    // Nothing of it came as far as the registry.
    expect(registry.asked.filter((line) => !/^(?:GET|HEAD) /.test(line))).toEqual([]);
  });

  it('shows on its page what it was refused, and leads to where that can be allowed', async () => {
    const { client, stack, taskId } = probing;
    const browser = await launchBrowser();
    try {
      const { page, complaints } = await visit(browser, `${stack.url}/tasks/${taskId}`);
      const refused = page.getByRole('region', { name: 'Asked for and refused' });
      await refused.getByText('more').click();
      await refused.getByText(/example\.com, \d+ times/).waitFor();
      await refused.getByRole('link', { name: 'What its sandboxes may reach' }).click();
      const own = page.locator('details[open]').filter({ hasText: 'Its sandboxes may reach' });
      const policy = own.getByLabel('Its sandboxes may reach');
      await policy.selectOption({ label: 'Package registries and a list' });
      const hosts = own.getByLabel('Hosts beside the registries');
      await hosts.fill('https://example.com/');
      await hosts.blur();
      await own.getByText(/is no host. Write example.com/).waitFor();
      await hosts.fill('Example.com\n*.corp.example:8080');
      await hosts.blur();
      await own.getByText('Saved').waitFor();
      const listed = { is: 'list', hosts: ['example.com', '*.corp.example:8080'] };
      await client.until((frame) => JSON.stringify(frame).includes(JSON.stringify(listed)), 10_000);
      expect(complaints).toEqual([]);
    } finally {
      await browser.close();
    }
  }, 60_000);

  it('has what it was refused named on its task and in the log', async () => {
    const { stack, taskId } = probing;
    const named = await expectRefusalsToBeNamed(stack, taskId);
    // Mainloop’s own port among them.
    expect(named).toContain(`localhost:${new URL(stack.url).port}`);
  });

  it.runIf(jail.is === 'there' && jail.names)(
    'has a name that it looked up among them',
    async () => {
      const { stack, taskId } = probing;
      const named = await expectRefusalsToBeNamed(stack, taskId);
      expect(named).toContain('DNS bg9va2vk.tunnel.example');
      expect(stack.logged()).toMatch(
        /"gateway.egress_refused".*"host":"bg9va2vk.tunnel.example","method":"DNS"/,
      );
    },
  );
});
