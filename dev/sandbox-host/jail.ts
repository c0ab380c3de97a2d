import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');

/** What of this checkout a runner needs, and no more. */
const PROGRAM_PARTS = ['package.json', 'node_modules', 'protocol', 'sandbox'];
/** What of /etc programs need to look up names and certificates. */
const SYSTEM_FILES = [
  'ssl',
  'ca-certificates',
  'resolv.conf',
  'hosts',
  'nsswitch.conf',
  'alternatives',
  'ld.so.cache',
];

/** How a runner is started: the command, what it finds where, and in which environment. */
export type Launch = {
  command: string;
  args: string[];
  /** Text for file descriptor 3, where bwrap reads its arguments: nobody can list them. */
  descriptor3: string | null;
  environment: Record<string, string>;
};

export type RunFolders = { workspace: string; home: string };

/** True when bubblewrap can make a jail here; tried, not assumed. */
export function canJail(): boolean {
  const tried = spawnSync(
    'bwrap',
    ['--unshare-user', '--unshare-pid', '--ro-bind', '/', '/', '--proc', '/proc', 'true'],
    { stdio: 'ignore', timeout: 5_000 },
  );
  return tried.status === 0;
}

/**
 * A jail of its own process ids, as an ordinary user, with a read-only system. It sees its workspace,
 * its home and the runner's program; nothing of the stack's data or of the user's files.
 */
export function jailed(folders: RunFolders, given: Record<string, string>): Launch {
  const environment: Record<string, string> = {
    PATH: '/mainloop/node_modules/node/bin:/usr/local/bin:/usr/bin:/bin',
    HOME: '/home/worker',
    LANG: 'C.UTF-8',
    TZ: 'UTC',
    MAINLOOP_WORKSPACE: '/workspace',
    MAINLOOP_LEASH: '1',
    CLAUDE_CONFIG_DIR: '/home/worker/.claude',
    ...given,
  };
  const args = [
    ['--unshare-user', '--unshare-pid', '--unshare-ipc', '--unshare-uts', '--unshare-cgroup-try'],
    ['--uid', '1000', '--gid', '1000', '--die-with-parent', '--clearenv'],
    ['--ro-bind', '/usr', '/usr'],
    ...['bin', 'sbin', 'lib', 'lib64']
      .filter((name) => existsSync(`/${name}`))
      .map((name) => ['--symlink', `usr/${name}`, `/${name}`]),
    ...SYSTEM_FILES.map((name) => ['--ro-bind-try', `/etc/${name}`, `/etc/${name}`]),
    ['--proc', '/proc', '--dev', '/dev', '--tmpfs', '/tmp'],
    ...PROGRAM_PARTS.map((part) => ['--ro-bind', path.join(ROOT, part), `/mainloop/${part}`]),
    ['--bind', folders.workspace, '/workspace', '--bind', folders.home, '/home/worker'],
    ['--chdir', '/workspace'],
    ...Object.entries(environment).map(([name, value]) => ['--setenv', name, value]),
  ].flat();
  return {
    command: 'bwrap',
    args: [
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
export function plain(folders: RunFolders, given: Record<string, string>): Launch {
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
    },
  };
}
