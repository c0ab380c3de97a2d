import { describe } from 'vitest';
import { findJail } from '../dev/sandbox-host/jail.ts';
import { hasPip } from './harness/private-index.ts';
import { setupScenario } from './harness/setup-scenario.ts';

/** Goes on without the script's environment, and holds the secret. */
const CLEARED =
  'env -i setsid sh -c "sleep 1000; :" sh "$INDEX_PASSWORD" < /dev/null > /dev/null 2>&1 &\n';

describe.skipIf(!hasPip())('a repository with a set-up script and a private package index', () => {
  setupScenario({
    containers: () => null,
    indexName: null,
    // Without a jail nobody can tell that it is the script's.
    more: { script: findJail().is === 'there' ? CLEARED : '', look: '', found: '' },
    isGone: async (stack) => /#1 ended/.test(stack.logged()),
  });
});
