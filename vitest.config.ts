import { cloudflareTest } from '@cloudflare/vitest-plugin';
import { defineConfig } from 'vitest/config';

/** On two cores vitest would take one worker, one file after another, and these after all others. */
const WORKERS = 2;
const ENDS_OTHERWISE = ['**/*.worker.test.ts', '**/*.pg.test.ts'];

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'node',
          include: ['{protocol,worker,sandbox,dev,web,install}/**/*.test.ts'],
          exclude: [...ENDS_OTHERWISE, '**/node_modules/**', 'dev/demo/**'],
          testTimeout: 30_000,
          maxWorkers: WORKERS,
        },
      },
      {
        plugins: [
          cloudflareTest({
            wrangler: { configPath: './wrangler.test.toml' },
          }),
        ],
        test: {
          name: 'workerd',
          include: ['worker/**/*.worker.test.ts'],
          testTimeout: 30_000,
          isolate: false,
          setupFiles: ['worker/testing/each-file-anew.ts'],
          maxWorkers: WORKERS,
        },
      },
      {
        test: {
          name: 'postgres',
          include: ['{worker,dev,install}/**/*.pg.test.ts'],
          testTimeout: 60_000,
          maxWorkers: WORKERS,
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['e2e/**/*.e2e.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 180_000,
          expect: { poll: { timeout: 30_000 } },
          // Whole stacks with browsers and Claude Code: after all else, and two at a time, since
          // they wait more than they work.
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          // Whole tasks in real containers: `npm run test:containers`.
          name: 'containers',
          include: ['e2e/sandbox-contract.e2e.test.ts', 'e2e/containers/*.containers.test.ts'],
          testTimeout: 300_000,
          hookTimeout: 1_800_000,
          maxWorkers: 1,
          fileParallelism: false,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
