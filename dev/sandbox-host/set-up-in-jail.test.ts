import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FakeGateway, startFakeGateway } from '../../sandbox/testing/fake-gateway.ts';
import { type Repositories, makeRepositories } from '../../sandbox/testing/repositories.ts';
import { findJail } from './jail.ts';
import { type SandboxHost, startSandboxHost } from './sandbox-host.ts';

const SECRET = 'hunter2-hunter2+&';
const WORKS_MS = 120_000;
/** Seconds that nobody else sleeps: by it the process is found from outside. */
const NAP = `98${process.pid}`;
const PLACES = [
  '/dev/mine',
  '/dev/shm/mine',
  '/etc/mine',
  '/home/worker/.cache/pip/mine',
  '/home/worker/.claude/mine',
  '/home/worker/.npm/_cacache/mine',
  '/mainloop/mine',
  '/mine',
  '/run/mainloop/mine',
  '/run/mine',
  '/tmp/mine',
  '/var/cache/mine',
  '/var/log/mine',
  '/workspace/mine',
  '/workspace/repo/.git/mine',
];
const SCRIPT = `set -eu
for place in ${PLACES.join(' ')}; do mkdir -p "$(dirname $place)"; printf 'a=%s' "$TOKEN" > $place; done
truncate -s 210M /tmp/large; printf %s "$TOKEN" >> /tmp/large
ln -s "$TOKEN" /tmp/link
touch "/tmp/name-$TOKEN"
mkdir /tmp/closed; printf %s "$TOKEN" > /tmp/closed/a; chmod 000 /tmp/closed
mkfifo /tmp/fifo
env -i setsid sleep ${NAP} < /dev/null > /dev/null 2>&1 &
env -i setsid sh -c 'while :; do setsid sh -c "sleep 0.${NAP}" & sleep 0.01; done' < /dev/null > /dev/null 2>&1 &
sleep 0.3
echo "naps $(cat /proc/[0-9]*/cmdline | tr '\\0' '\\n' | grep -c '^${NAP}$')"
`;

function naps(): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
        return command.includes(NAP) ? [command] : [];
      } catch {
        return [];
      }
    });
}

const jail = findJail();
if (jail.is === 'missing') console.log(`A set-up in a jail is not tried here: ${jail.why}`);

describe.runIf(jail.is === 'there')('a set-up in a jail', () => {
  let folder: string;
  let repositories: Repositories;
  let gateway: FakeGateway;
  let host: SandboxHost;

  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'mainloop-set-up-'));
    repositories = makeRepositories();
    repositories.person.commit('Set up', { '.mainloop/setup.sh': SCRIPT });
    repositories.person.git('push', '--quiet', 'origin', 'main');
    gateway = await startFakeGateway(repositories.origin, 'second model call');
    gateway.setup.values = [{ name: 'TOKEN', value: SECRET, isSecret: true, during: 'setup' }];
    host = await startSandboxHost({ dataDir: folder, key: 'key', log: () => {} });
    const started = await fetch(`${host.url}/runs/01ARZ3NDEKTSV4RRFFQ69G5FAV/1`, {
      method: 'PUT',
      headers: { authorization: 'Bearer key' },
      body: JSON.stringify({ MAINLOOP_GATEWAY: gateway.url, MAINLOOP_TASK_TOKEN: 'mlt.token' }),
    });
    expect(started.status).toBe(200);
    // The worker is at work, and the sandbox lives on.
    await gateway.reached;
  }, WORKS_MS);

  afterAll(async () => {
    await host.stop();
    await gateway.stop();
    repositories.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  const said = () =>
    gateway.events.flatMap((body) => (body.type === 'setup_output' ? [body.text] : [])).join('');
  const steps = () => gateway.events.flatMap((body) => (body.type === 'step' ? [body.text] : []));

  it('leaves nothing running that was started with a cleared environment', () => {
    expect(said()).toMatch(/^naps [1-9]/m);
    expect(steps()).toContainEqual(expect.stringMatching(/^Ended what .*sleep/));
    expect(naps()).toEqual([]);
  });

  it('has its secrets found wherever it can write, and keeps nothing then', () => {
    const end = gateway.events.find((body) => body.type === 'setup_ended');
    const found = [...PLACES, '/tmp/large', '/tmp/link', '/tmp/name-[secret]'];
    expect(end).toMatchObject({ outcome: 'done', secretsIn: found.toSorted() });
    expect(JSON.stringify(gateway.events)).not.toContain(SECRET);
    expect(gateway.kept.has('setup')).toBe(false);
  });

  it('says where it could not be looked', () => {
    expect(steps()).toContainEqual(
      expect.stringMatching(/^Not searched for secrets.*: \/tmp\/closed$/),
    );
  });
});
