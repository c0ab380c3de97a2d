import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createLog } from '../../dev/log.ts';
import { freePort } from '../../dev/ports.ts';
import type { Settings } from '../../dev/settings.ts';
import { type Stack, startStack } from '../../dev/stack.ts';
import { searchBrowsers } from './browser-storage.ts';
import { plantedIn, plantedSecrets } from './planted.ts';

/** Short steps for the offline model: the tests wait for what happens, not for a human pace. */
const FAST = { tokensPerSecond: 600, timeToFirstTokenMs: 30, workerStepMs: 60 };

export type TestStack = Stack & {
  dataDir: string;
  /** Everything that the parts have logged so far. */
  logged(): string;
};

/**
 * The whole product on free ports and in a folder of its own; `stop` removes the folder, and throws
 * where a planted secret stands in what the stack has kept, said or run, or in what a browser kept of it.
 */
export async function startTestStack(
  options: {
    settings?: Settings;
    pace?: typeof FAST;
    containers?: Record<string, string>;
    /** Puts what was kept into the folder that the stack then starts on. */
    before?: (dataDir: string) => Promise<void>;
  } = {},
): Promise<TestStack> {
  const dataDir = mkdtempSync(path.join(tmpdir(), 'mainloop-e2e-'));
  await options.before?.(dataDir);
  const lines: string[] = [];
  const stack = await startStack({
    settings: { PORT: String(await freePort()), ...options.settings },
    dataDir,
    log: createLog((text) => {
      lines.push(text);
      if (process.env.MAINLOOP_TEST_LOG) process.stderr.write(text);
    }, false),
    pace: options.pace ?? FAST,
    ...(options.containers !== undefined && { containers: options.containers }),
  }).catch((error: unknown) => {
    console.error(lines.join(''));
    throw error;
  });
  const inBrowsers = searchBrowsers(plantedSecrets(stack));
  const tested: TestStack = {
    ...stack,
    dataDir,
    logged: () => lines.join(''),
    stop: async () => {
      const found = [...(await plantedIn(tested)), ...(await inBrowsers())];
      await stack.stop();
      rmSync(dataDir, { recursive: true, force: true });
      if (found.length > 0) throw new Error(`Secrets stand in: ${found.join('; ')}`);
    },
  };
  return tested;
}
