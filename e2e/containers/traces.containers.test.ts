import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { PODMAN, prepareContainers } from '../../dev/containers/prepare.ts';
import { type FakeGateway, startFakeGateway } from '../../sandbox/testing/fake-gateway.ts';
import { type Repositories, makeRepositories } from '../../sandbox/testing/repositories.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
const IMAGE = 'localhost/mainloop-traces:test';
const NAME = `mainloop-traces-${process.pid}`;
const SECRET = 'hunter2-hunter2+&';
const NAP = `98${process.pid}`;
const OF_ROOT = [
  '/dev/mine',
  '/dev/shm/mine',
  '/etc/mine',
  '/mainloop/mine',
  '/mine',
  '/root/.npm/mine',
  '/run/mine',
  '/usr/share/doc/mine',
  '/var/cache/apt/mine',
  '/var/lib/apt/lists/mine',
  '/var/log/mine',
  '/var/tmp/mine',
];
const OF_WORKER = [
  '/home/worker/.claude/mine',
  '/home/worker/.npm/_cacache/mine',
  '/tmp/mine',
  '/workspace/mine',
];
const SCRIPT = `set -eu
for place in ${OF_ROOT.join(' ')}; do
  sudo mkdir -p "$(dirname $place)"; printf 'a=%s' "$TOKEN" | sudo tee $place > /dev/null; sudo chmod 600 $place
done
for place in ${OF_WORKER.join(' ')}; do mkdir -p "$(dirname $place)"; printf 'a=%s' "$TOKEN" > $place; done
env -i setsid sleep ${NAP} < /dev/null > /dev/null 2>&1 &
sudo env -i setsid sleep ${NAP} < /dev/null > /dev/null 2>&1 &
sleep 1
echo "naps $(ps -eo args | grep -c '^sleep ${NAP}$')"
`;

const exec = promisify(execFile);
const podman = async (...args: string[]) =>
  (await exec('podman', args, { env: { ...process.env, ...PODMAN }, maxBuffer: 64_000_000 }))
    .stdout;

let repositories: Repositories;
let gateway: FakeGateway;

beforeAll(async () => {
  prepareContainers((text) => console.log(text));
  const build = ['build', '-q', '--format', 'docker', '--pull=never', '--network', 'host'];
  await podman(...build, '-t', IMAGE, '-f', path.join(ROOT, 'sandbox/Dockerfile'), ROOT);
  repositories = makeRepositories();
  repositories.person.commit('Set up', { '.mainloop/setup.sh': SCRIPT });
  repositories.person.git('push', '--quiet', 'origin', 'main');
  gateway = await startFakeGateway(repositories.origin, 'second model call');
  gateway.setup.values = [{ name: 'TOKEN', value: SECRET, isSecret: true, during: 'setup' }];
  const given = [`MAINLOOP_GATEWAY=${gateway.url}`, 'MAINLOOP_TASK_TOKEN=mlt.token'];
  const variables = given.flatMap((one) => ['-e', one]);
  await podman('run', '-d', '--name', NAME, '--network', 'host', ...variables, IMAGE);
  // The worker is at work, and the container lives on.
  await gateway.reached;
});

afterAll(async () => {
  await podman('rm', '-f', '-t', '0', '--ignore', NAME);
  await gateway?.stop();
  repositories?.remove();
});

it('nothing of a set-up runs on in a container, root’s neither', async () => {
  const said = gateway.events
    .flatMap((body) => (body.type === 'setup_output' ? [body.text] : []))
    .join('');
  expect(said).toContain('naps 2');
  const running = await podman('exec', NAME, 'ps', '-eo', 'args');
  expect(running).toContain('sandbox/runner.ts');
  expect(running).not.toContain(NAP);
});

it('its secrets are found wherever it, and root for it, can write', () => {
  const end = gateway.events.find((body) => body.type === 'setup_ended');
  const secretsIn = [...OF_ROOT, ...OF_WORKER].toSorted();
  expect(end).toMatchObject({ outcome: 'done', secretsIn });
  expect(gateway.kept.has('setup')).toBe(false);
});
