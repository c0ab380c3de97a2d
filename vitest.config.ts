import { cloudflareTest } from '@cloudflare/vitest-plugin';
import { defineConfig } from 'vitest/config';

const ENDS_OTHERWISE = ['**/*.worker.test.ts', '**/*.pg.test.ts'];

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'node',
          include: ['{protocol,worker,sandbox,dev,web}/**/*.test.ts'],
          exclude: [...ENDS_OTHERWISE, '**/node_modules/**', 'dev/demo/**'],
          testTimeout: 30_000,
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
        },
      },
      {
        test: {
          name: 'postgres',
          include: ['{worker,dev}/**/*.pg.test.ts'],
          testTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['e2e/**/*.e2e.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 180_000,
          // Whole stacks with browsers and Claude Code: one after another, and after all else.
          maxWorkers: 1,
          fileParallelism: false,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
