import { makeAccessApp, makeOpenPath, setPeople } from './cloudflare/access.ts';
import { makeSubdomain } from './cloudflare/account.ts';
import type { Client } from './cloudflare/client.ts';
import { makeHyperdrive, mendHyperdrive } from './cloudflare/hyperdrive.ts';
import { makeBucket, makeQueue } from './cloudflare/stores.ts';
import type { Found } from './found.ts';
import { type Names, accessMade } from './names.ts';
import type { Step } from './plan.ts';

type Place = { client: Client; accountId: string; names: Names; databaseUrl: string };

/** What uninstall may take away, once the step was begun; null where nothing of its own is made. */
export function madeBy(step: Step): string | null {
  switch (step.do) {
    case 'make_hyperdrive':
      return `hyperdrive:${step.name}`;
    case 'make_queue':
      return `queue:${step.name}`;
    case 'make_bucket':
      return `bucket:${step.name}`;
    case 'make_access':
      return accessMade(step.host);
    case 'open_webhooks':
      return accessMade(step.domain);
    case 'make_subdomain':
    case 'mend_hyperdrive':
    case 'set_people':
      return null;
  }
}

/** Does one step. What it makes is found again by its name. */
export async function carryOut(step: Step, found: Found, place: Place): Promise<void> {
  const { client, accountId, names, databaseUrl } = place;
  switch (step.do) {
    case 'make_subdomain':
      return makeSubdomain(client, accountId, step.subdomain);
    case 'make_hyperdrive':
      await makeHyperdrive(client, accountId, step.name, databaseUrl);
      return;
    case 'mend_hyperdrive':
      return mendHyperdrive(client, accountId, step.id, databaseUrl);
    case 'make_queue':
      return makeQueue(client, accountId, step.name);
    case 'make_bucket':
      return makeBucket(client, accountId, step.name);
    case 'make_access': {
      const { host, emails } = step;
      await makeAccessApp(client, accountId, { name: names.access, host, emails });
      return;
    }
    case 'set_people':
      if (found.access.is === 'readable' && found.access.app !== null) {
        await setPeople(client, accountId, found.access.app, step.emails);
      }
      return;
    case 'open_webhooks':
      return makeOpenPath(client, accountId, { name: names.webhooks, domain: step.domain });
  }
}
