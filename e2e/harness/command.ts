import { execFile } from 'node:child_process';

/** Runs one of the project's programs to its end. @returns its exit code and what it printed. */
export function run(
  program: string,
  given: readonly string[],
  env: Record<string, string>,
): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [program, ...given],
      { env: { ...process.env, ...env } },
      (_error, stdout, stderr) =>
        resolve({ code: child.exitCode ?? 1, output: `${stdout}${stderr}` }),
    );
  });
}
