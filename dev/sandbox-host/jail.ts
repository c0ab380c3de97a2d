import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');

/** What of this checkout a runner needs, and no more. */
const PROGRAM_PARTS = ['package.json', 'node_modules', 'protocol', 'sandbox'];
/** What of /etc programs need to look up names and certificates. */
const SYSTEM_FILES = [
  'ssl',
  'pki',
  'ca-certificates',
  'hosts',
  'nsswitch.conf',
  'alternatives',
  'ld.so.cache',
];
/** Of its own in each namespace. */
const UNSHARED = [
  '--unshare-user',
  '--unshare-pid',
  '--unshare-ipc',
  '--unshare-uts',
  '--unshare-cgroup-try',
];
/** Without a network a jail has nothing but a loopback that is empty. */
const NO_NETWORK = '--unshare-net';
/**
 * Around a jail whose runner answers names: who makes the network may let ordinary users have port 53
 * in it. In the jail itself nobody has a right over it any more. (CAP_SETFCAP: without it the jail
 * inside could not be made, see user_namespaces(7).)
 */
const NETWORK_FIRST = [
  ['--unshare-user', '--uid', '0', '--gid', '0', NO_NETWORK, '--die-with-parent'],
  ['--cap-add', 'CAP_NET_ADMIN', '--cap-add', 'CAP_SETFCAP', '--dev-bind', '/', '/'],
  ['sh', '-c', 'echo 53 > /proc/sys/net/ipv4/ip_unprivileged_port_start && exec bwrap "$@"'],
  'bwrap',
].flat();
/** Where a jail finds its door and the certificate of whoever deciphers what leaves it. */
const SOCKET = '/run/mainloop/door.sock';
const CERTIFICATE = '/run/mainloop/certificate.pem';
/** On the jail's own loopback, where nobody else is. */
const RELAY_PORT = 41_080;

/** How a runner is started: the command, what it finds where, and in which environment. */
export type Launch = {
  command: string;
  args: string[];
  /** Text for file descriptor 3, where bwrap reads its arguments: nobody can list them. */
  descriptor3: string | null;
  environment: Record<string, string>;
};

export type RunFolders = { workspace: string; home: string };

/** What a sandbox is given of its host's. */
export type Way = {
  /** The certificate that its proxy signs with: a file. */
  certificate: string;
  /** For a jail whose runner answers names: a resolv.conf(5) that leads there. */
  names: string | null;
  /** The door to the Worker: a socket of the file system for a jail, a port on loopback without one. */
  door: { socket: string } | { port: number };
};

/** `names` is true where its runner can answer what is asked of a name service. */
export type Jail = { is: 'there'; names: boolean } | { is: 'missing'; why: string };

/** How this system's package manager installs bubblewrap; null where that is not known. */
function installs(): string | null {
  if (!existsSync('/etc/os-release')) return null;
  const system = readFileSync('/etc/os-release', 'utf8');
  const [, like = ''] =
    /^ID(?:_LIKE)?="?(.*(?:debian|ubuntu|fedora|rhel|arch|suse|alpine).*?)"?$/m.exec(system) ?? [];
  if (/debian|ubuntu/.test(like)) return 'sudo apt install bubblewrap';
  if (/fedora|rhel/.test(like)) return 'sudo dnf install bubblewrap';
  if (/arch/.test(like)) return 'sudo pacman -S bubblewrap';
  if (/suse/.test(like)) return 'sudo zypper install bubblewrap';
  return /alpine/.test(like) ? 'sudo apk add bubblewrap' : null;
}

/** Whether bubblewrap can make a jail without a network here; tried, not assumed. */
export function findJail(): Jail {
  const args = [...UNSHARED, '--ro-bind', '/', '/', '--proc', '/proc', '--dev', '/dev', 'true'];
  const attempt = (around: string[]) =>
    spawnSync('bwrap', [...around, ...args], { encoding: 'utf8', timeout: 5_000 });
  if (attempt(NETWORK_FIRST).status === 0) return { is: 'there', names: true };
  const tried = attempt([NO_NETWORK]);
  if (tried.status === 0) return { is: 'there', names: false };
  if (tried.error !== undefined) {
    const command = installs();
    const how = command === null ? 'Install the package bubblewrap' : `Run \`${command}\``;
    return { is: 'missing', why: `bubblewrap is not installed. ${how} and start again.` };
  }
  const said = (tried.stderr ?? '').trim().split('\n').at(-1)?.slice(0, 200) ?? '';
  return {
    is: 'missing',
    why: `bubblewrap is here, but this system does not let it make a jail (${said}). Ubuntu allows it with \`sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0\`.`,
  };
}

/**
 * A jail of its own process ids and without a network, as an ordinary user, with a read-only system. It
 * sees its workspace, its home, the runner's program and its door; nothing of the stack's data, of the
 * user's files, or of what listens on this machine.
 */
export function jailed(folders: RunFolders, given: Record<string, string>, way: Way): Launch {
  const proxy = `http://127.0.0.1:${RELAY_PORT}`;
  const environment: Record<string, string> = {
    PATH: '/mainloop/node_modules/node/bin:/usr/local/bin:/usr/bin:/bin',
    HOME: '/home/worker',
    LANG: 'C.UTF-8',
    TZ: 'UTC',
    MAINLOOP_WORKSPACE: '/workspace',
    MAINLOOP_LEASH: '1',
    MAINLOOP_ALONE: '1',
    CLAUDE_CONFIG_DIR: '/home/worker/.claude',
    ...given,
    MAINLOOP_GATEWAY: `${proxy}/gateway`,
    MAINLOOP_PROXY: proxy,
    MAINLOOP_DOOR: SOCKET,
    MAINLOOP_CA: CERTIFICATE,
    ...(way.names !== null && { MAINLOOP_NAMES: '1' }),
  };
  const socket = 'socket' in way.door ? way.door.socket : '';
  const args = [
    UNSHARED,
    way.names === null ? [NO_NETWORK] : ['--ro-bind', way.names, '/etc/resolv.conf'],
    ['--uid', '1000', '--gid', '1000', '--die-with-parent', '--clearenv'],
    ['--ro-bind', '/usr', '/usr'],
    ...['bin', 'sbin', 'lib', 'lib64']
      .filter((name) => existsSync(`/${name}`))
      .map((name) => ['--symlink', `usr/${name}`, `/${name}`]),
    ...SYSTEM_FILES.map((name) => ['--ro-bind-try', `/etc/${name}`, `/etc/${name}`]),
    ['--proc', '/proc', '--dev', '/dev', '--tmpfs', '/tmp'],
    ...PROGRAM_PARTS.map((part) => ['--ro-bind', path.join(ROOT, part), `/mainloop/${part}`]),
    ['--bind', folders.workspace, '/workspace', '--bind', folders.home, '/home/worker'],
    ['--bind', socket, SOCKET, '--ro-bind', way.certificate, CERTIFICATE],
    ['--chdir', '/workspace'],
    ...Object.entries(environment).map(([name, value]) => ['--setenv', name, value]),
  ].flat();
  return {
    command: 'bwrap',
    args: [
      ...(way.names === null ? [] : NETWORK_FIRST),
      '--args',
      '3',
      '--',
      '/mainloop/node_modules/node/bin/node',
      '/mainloop/sandbox/runner.ts',
    ],
    descriptor3: args.map((arg) => `${arg}\0`).join(''),
    environment: { PATH: process.env.PATH ?? '/usr/bin:/bin' },
  };
}

/** Without a jail: a process with a clean environment, in the run's own folders. */
export function plain(folders: RunFolders, given: Record<string, string>, way: Way): Launch {
  const proxy = 'port' in way.door ? `http://127.0.0.1:${way.door.port}` : '';
  return {
    command: process.execPath,
    args: [path.join(ROOT, 'sandbox/runner.ts')],
    descriptor3: null,
    environment: {
      PATH: `${path.dirname(process.execPath)}${path.delimiter}${process.env.PATH ?? '/usr/bin:/bin'}`,
      HOME: folders.home,
      LANG: 'C.UTF-8',
      TZ: 'UTC',
      MAINLOOP_WORKSPACE: folders.workspace,
      MAINLOOP_LEASH: '1',
      CLAUDE_CONFIG_DIR: path.join(folders.home, '.claude'),
      ...given,
      MAINLOOP_GATEWAY: `${proxy}/gateway`,
      MAINLOOP_PROXY: proxy,
      MAINLOOP_CA: way.certificate,
    },
  };
}
