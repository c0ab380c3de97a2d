import { cloudflareTest } from '@cloudflare/vitest-plugin';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** On two cores vitest would take one worker, one file after another, and these after all others. */
const WORKERS = 2;
const ENDS_OTHERWISE = ['**/*.worker.test.ts', '**/*.pg.test.ts'];

/** Tests that take longest, the longest first: begun last, one of them would be waited for alone. */
const LONG = [
  'recovery',
  'decided-in-words',
  'queue',
  'long-wait',
  'long-conversation',
  'review-queue',
  'given-back',
  'backup',
  'places',
].map((name) => `/e2e/${name}.e2e.test.ts`);

/** Of `worker/fuzz.worker.test.ts`; `npm run test:fuzz` takes many more. */
const FUZZ_INPUTS = Number(process.env.FUZZ_INPUTS ?? 1_500);
const FUZZ_SEED = Number(process.env.FUZZ_SEED ?? 1);

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification) => {
      const at = LONG.findIndex((name) => moduleId.endsWith(name));
      return at === -1 ? LONG.length : at;
    };
    // oxlint-disable-next-line unicorn/no-array-sort -- the sequencer's, which gives another list.
    const sorted = await super.sort(files);
    return sorted.toSorted((one, other) => place(one) - place(other));
  }
}

export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        test: {
          name: 'node',
          isolate: false,
          include: ['{protocol,worker,sandbox,dev,web,install}/**/*.test.ts'],
          exclude: [...ENDS_OTHERWISE, '**/node_modules/**', 'dev/demo/**'],
          testTimeout: 30_000,
          hookTimeout: 60_000,
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
          hookTimeout: 60_000,
          isolate: false,
          setupFiles: ['worker/testing/each-file-anew.ts'],
          provide: { fuzz: { inputs: FUZZ_INPUTS, seed: FUZZ_SEED } },
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
          isolate: false,
          include: ['e2e/**/*.e2e.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 180_000,
          // Each look is a question to a browser, and all that is tested here shares two cores.
          expect: { poll: { timeout: 30_000, interval: 200 } },
          // Whole stacks with browsers and Claude Code: after all else, and two at a time.
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
