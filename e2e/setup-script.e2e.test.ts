import { describe } from 'vitest';
import { hasPip } from './harness/private-index.ts';
import { setupScenario } from './harness/setup-scenario.ts';

describe.skipIf(!hasPip())('a repository with a set-up script and a private package index', () => {
  setupScenario({
    containers: () => null,
    indexName: null,
    more: { script: '', look: '', found: '' },
    isGone: async (stack) => /#1 ended/.test(stack.logged()),
  });
});
