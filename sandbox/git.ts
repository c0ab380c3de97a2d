import { execFile } from 'node:child_process';
import { WORKER_IDENTITY } from '../protocol/push-evidence.ts';

const OUTPUT_MAX_BYTES = 200_000_000;

export type Git = {
  /**
   * Runs git and gives its output without the last line break. @throws with git's own words.
   *
   * @param header goes to the gateway with what is asked of it.
   */
  run(
    args: readonly string[],
    environment?: Record<string, string>,
    header?: string,
  ): Promise<string>;
  /** What git gives to the last byte, for what is no text; `input` is its standard input. */
  bytes(args: readonly string[], input: string): Promise<Buffer>;
};

/**
 * git in one repository, with nothing of it run: no hooks, no file or ext transports, no prompts.
 * The token goes in as configuration by environment: it stands in no argument and no file.
 */
export function createGit(
  directory: string,
  access: { gateway: string; token: string } | null,
  identity = WORKER_IDENTITY,
): Git {
  const settings: [string, string][] = [
    ['core.hooksPath', '/dev/null'],
    ['protocol.allow', 'never'],
    ['protocol.http.allow', 'always'],
    ['protocol.https.allow', 'always'],
    ['submodule.recurse', 'false'],
    ['core.fsmonitor', 'false'],
    ['gc.auto', '0'],
    ['advice.detachedHead', 'false'],
    ['safe.directory', '*'],
  ];
  if (access !== null) {
    settings.push([`http.${access.gateway}.extraHeader`, `Authorization: Bearer ${access.token}`]);
  }
  const fixed: Record<string, string> = {
    PATH: process.env.PATH ?? '/usr/bin:/bin',
    HOME: process.env.HOME ?? '/',
    LANG: 'C.UTF-8',
    TZ: 'UTC',
    GIT_TERMINAL_PROMPT: '0',
    // What only looks must not hold the index while Claude Code wants to commit.
    GIT_OPTIONAL_LOCKS: '0',
    // The messages of a rebase and a merge stay as they are.
    GIT_EDITOR: 'true',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_AUTHOR_NAME: identity.name,
    GIT_AUTHOR_EMAIL: identity.email,
    GIT_COMMITTER_NAME: identity.name,
    GIT_COMMITTER_EMAIL: identity.email,
  };
  const environment = (header: string | undefined): Record<string, string> => {
    const all = [...settings];
    if (access !== null && header !== undefined) {
      all.push([`http.${access.gateway}.extraHeader`, header]);
    }
    const configured = all.flatMap(([key, value], index) => [
      [`GIT_CONFIG_KEY_${index}`, key],
      [`GIT_CONFIG_VALUE_${index}`, value],
    ]);
    return { ...fixed, GIT_CONFIG_COUNT: String(all.length), ...Object.fromEntries(configured) };
  };
  return {
    run: (args, extra = {}, header = undefined) =>
      new Promise((resolve, reject) => {
        const options = {
          cwd: directory,
          env: { ...environment(header), ...extra },
          maxBuffer: OUTPUT_MAX_BYTES,
        };
        execFile('git', [...args], options, (error, stdout, stderr) => {
          if (error === null) resolve(stdout.replace(/\n$/, ''));
          else reject(new Error(`git ${args[0]}: ${stderr.trim() || error.message}`));
        });
      }),
    bytes: (args, input) =>
      new Promise((resolve, reject) => {
        const options = {
          cwd: directory,
          env: environment(undefined),
          maxBuffer: OUTPUT_MAX_BYTES,
          encoding: 'buffer',
        } as const;
        const child = execFile('git', [...args], options, (error, stdout) => {
          if (error === null) resolve(stdout);
          else reject(new Error(`git ${args[0]}: ${error.message}`));
        });
        // It may end before it has read all: how it ended counts.
        child.stdin?.on('error', () => {});
        child.stdin?.end(input);
      }),
  };
}
