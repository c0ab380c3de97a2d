import { execFile } from 'node:child_process';

const OUTPUT_MAX_BYTES = 100_000_000;

/** Runs git in a bare repository and gives its output as it is. @throws with git's own words. */
export function git(repository: string, args: readonly string[], input = ''): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const { stdin } = execFile(
      'git',
      ['--git-dir', repository, ...args],
      {
        encoding: 'buffer',
        maxBuffer: OUTPUT_MAX_BYTES,
        env: { PATH: process.env.PATH, GIT_CONFIG_NOSYSTEM: '1', HOME: '/nonexistent', TZ: 'UTC' },
      },
      (error, stdout, stderr) => {
        if (error === null) resolve(stdout);
        else reject(new Error(`git ${args[0]}: ${stderr.toString().trim() || error.message}`));
      },
    );
    // One that ends early says so by its exit code.
    stdin?.on('error', () => {});
    stdin?.end(input);
  });
}

export async function gitText(repository: string, args: readonly string[]): Promise<string> {
  return (await git(repository, args)).toString('utf8').trimEnd();
}

export async function gitLines(repository: string, args: readonly string[]): Promise<string[]> {
  return (await gitText(repository, args)).split('\n').filter(Boolean);
}

/** Branches and the commits at their tips. */
export async function branches(repository: string): Promise<Map<string, string>> {
  const lines = await gitLines(repository, [
    'for-each-ref',
    '--format=%(objectname) %(refname:lstrip=2)',
    'refs/heads',
  ]);
  return new Map(
    lines.map((line) => [line.slice(line.indexOf(' ') + 1), line.slice(0, line.indexOf(' '))]),
  );
}
