import { spawn } from 'node:child_process';
import path from 'node:path';

export type WranglerRun = { code: number; output: string };
/** wrangler with these arguments. What it prints is shown as it comes when `shown`, and kept. */
export type Wrangler = (args: readonly string[], shown: boolean) => Promise<WranglerRun>;

/** The project's own wrangler, as this account. */
export function projectWrangler(
  root: string,
  environment: NodeJS.ProcessEnv,
  accountId: string | null,
): Wrangler {
  const program = path.join(root, 'node_modules/wrangler/bin/wrangler.js');
  return (args, shown) =>
    new Promise((resolve, reject) => {
      const child = spawn(process.execPath, [program, ...args], {
        cwd: root,
        stdio: ['inherit', 'pipe', 'pipe'],
        env: {
          ...environment,
          WRANGLER_SEND_METRICS: 'false',
          ...(accountId !== null && { CLOUDFLARE_ACCOUNT_ID: accountId }),
        },
      });
      let output = '';
      for (const [stream, own] of [
        [child.stdout, process.stdout],
        [child.stderr, process.stderr],
      ] as const) {
        stream.on('data', (data: Buffer) => {
          output += data.toString();
          if (shown) own.write(data);
        });
      }
      child.once('error', reject);
      child.once('close', (code) => resolve({ code: code ?? 1, output }));
    });
}
