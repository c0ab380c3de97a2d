import { accessIn } from './access-of.ts';
import { unlike } from './cloudflare/hyperdrive.ts';
import type { Queue } from './cloudflare/stores.ts';
import { type LiveWorker, boundTo } from './cloudflare/worker.ts';
import type { Found } from './found.ts';
import type { Access, SecretName } from './installation.ts';
import { type Names, WEBHOOK_PATH, accessMade } from './names.ts';
import { neededSecrets } from './needed.ts';

/** One thing to be made or changed before the Worker is deployed. */
export type Step =
  | { do: 'make_subdomain'; subdomain: string }
  | { do: 'make_hyperdrive'; name: string }
  | { do: 'mend_hyperdrive'; id: string; why: string }
  | { do: 'make_queue'; name: string }
  | { do: 'make_bucket'; name: string }
  | { do: 'make_access'; host: string; emails: string[] }
  /** `beside` are policies of somebody's that let others in. */
  | { do: 'set_people'; emails: string[]; beside: string[] }
  | { do: 'open_webhooks'; domain: string };

export type Wanted = {
  names: Names;
  host: string;
  emails: string[];
  hyperdrive: boolean;
  databaseUrl: string;
  /** Fingerprint of the address that Hyperdrive was last given from here. */
  hyperdriveSent: string | null;
  /** The Access application that its owner made by hand; null where setup is to make it. */
  access: Access | null;
};

const sameSet = (left: readonly string[], right: readonly string[]) =>
  left.length === right.length && left.every((one) => right.includes(one));

function accessSteps({ access }: Found, wanted: Wanted): Step[] {
  if (access.is === 'unreadable') return [];
  const { host, emails } = wanted;
  const steps: Step[] = [];
  if (accessIn(access, wanted.access) === null) steps.push({ do: 'make_access', host, emails });
  if (access.app !== null) {
    const { people, beside } = access.app;
    const differs =
      people.is === 'nobody' || (people.is === 'by_address' && !sameSet(people.emails, emails));
    if (differs) steps.push({ do: 'set_people', emails, beside });
  }
  const domain = `${host}${WEBHOOK_PATH}`;
  if (access.webhooks === null) steps.push({ do: 'open_webhooks', domain });
  return steps;
}

/** What is to be made, in order; nothing where all is as it should be. */
export function planned(found: Found, wanted: Wanted): Step[] {
  const { names } = wanted;
  const steps: Step[] = [];
  if (found.subdomain === null) {
    // Nothing is reached there. Long enough that nobody else has it.
    const subdomain = wanted.host.replaceAll('.', '-').slice(0, 60);
    steps.push({ do: 'make_subdomain', subdomain });
  }
  if (wanted.hyperdrive) {
    const { databaseUrl, hyperdriveSent } = wanted;
    const why = found.hyperdrive && unlike(found.hyperdrive, databaseUrl, hyperdriveSent);
    if (found.hyperdrive === null) steps.push({ do: 'make_hyperdrive', name: names.hyperdrive });
    else if (why !== null) steps.push({ do: 'mend_hyperdrive', id: found.hyperdrive.id, why });
  }
  if (found.deadLetters === null) steps.push({ do: 'make_queue', name: names.deadLetters });
  if (found.queue === null) steps.push({ do: 'make_queue', name: names.queue });
  if (!found.hasBucket) steps.push({ do: 'make_bucket', name: names.bucket });
  return [...steps, ...accessSteps(found, wanted)];
}

/** Where the owner's own policies say who may sign in, and it shows not that all of these people may; else null. */
export function peopleLeftAlone(
  { access }: Found,
  { host, emails }: Pick<Wanted, 'host' | 'emails'>,
): string | null {
  if (access.is === 'unreadable' || access.app?.people.is !== 'by_others') return null;
  const { beside, people } = access.app;
  if (emails.every((one) => people.emails.includes(one))) return null;
  const by = beside.length === 0 ? 'no policy that allows anybody' : beside.join(', ');
  return `Who may sign in at ${host} is said by ${by}, which is left as it is: other applications may use it, or it says more than e-mail addresses. Look at https://one.dash.cloudflare.com (Access controls > Policies) whether it lets in ${emails.join(', ')}.`;
}

/** What setup put Access in front of, and is no more the installation's. */
export function formerDomains(host: string, made: readonly string[]): string[] {
  const used = [host, `${host}${WEBHOOK_PATH}`].map(accessMade);
  const domains = made.filter((one) => one.startsWith(accessMade('')) && !used.includes(one));
  return domains.map((one) => one.slice(accessMade('').length));
}

/** An Access application of a host name that this installation had before. */
export type LeftBehind = { id: string; domain: string };

/** Those that setup made for a host that is no more the installation's. */
export function leftBehind({ access }: Found, host: string, made: readonly string[]): LeftBehind[] {
  if (access.is === 'unreadable') return [];
  const former = formerDomains(host, made);
  return access.all.filter(({ domain }) => former.includes(domain));
}

/** A step in words. */
export function say(step: Step): string {
  switch (step.do) {
    case 'make_subdomain':
      return `Register the name ${step.subdomain}.workers.dev for the account (Workflows ask for one; nothing is reached there)`;
    case 'make_hyperdrive':
      return `Make the Hyperdrive configuration ${step.name}, with caching off`;
    case 'mend_hyperdrive':
      return `Change the Hyperdrive configuration: ${step.why}`;
    case 'make_queue':
      return `Make the queue ${step.name}`;
    case 'make_bucket':
      return `Make the R2 bucket ${step.name}`;
    case 'make_access':
      return `Put Cloudflare Access in front of ${step.host}, for ${step.emails.join(', ')}`;
    case 'set_people':
      return `Let in ${step.emails.join(', ')}, and ${step.beside.length === 0 ? 'nobody else' : `leave ${step.beside.join(', ')} as it is`}`;
    case 'open_webhooks':
      return `Let ${step.domain} through Access: what comes there is believed by its signature only`;
  }
}

/** True where the queue's messages reach this Worker, and those it cannot take the other queue. */
function isConsumed(queue: Queue | null, worker: string, deadLetters: string | null): boolean {
  const consumer = queue?.consumers.find(({ script }) => script === worker);
  return consumer !== undefined && (deadLetters === null || consumer.deadLetters === deadLetters);
}

/** Why the Worker has to be deployed, one reason a line; nothing where what runs is what should. */
export function reasonsToDeploy(
  { worker, queue, deadLetters, hostLeadsTo, workflowOf }: Found,
  { names, host, access }: Pick<Wanted, 'names' | 'host'> & { access: Access },
  tag: string,
  /** Names of the secrets that would go with it. */
  sent: readonly string[],
): string[] {
  if (worker === null) return ['It was not deployed yet'];
  const reasons: [boolean, string][] = [
    [worker.tag !== tag, 'Its code, configuration or secrets differ from what runs'],
    [!sent.every((name) => worker.secrets.includes(name)), 'It lacks a secret'],
    [!worker.hasImage, 'It runs without the image of its sandboxes'],
    [worker.containers?.isThere === false, 'Its containers were not set up'],
    [worker.onWorkersDev, 'It is reached at workers.dev, past Access'],
    [hostLeadsTo !== names.worker, `${host} does not lead to it`],
    [
      boundTo(worker, 'ACCESS_AUD', 'text') !== access.aud ||
        boundTo(worker, 'ACCESS_TEAM_DOMAIN', 'text') !== access.team,
      'It believes the sign-ins of another Access application',
    ],
    [!isConsumed(queue, names.worker, names.deadLetters), `Nobody takes from ${names.queue}`],
    [!isConsumed(deadLetters, names.worker, null), `Nobody takes from ${names.deadLetters}`],
    [workflowOf !== names.worker, `The Workflow ${names.workflow} is not its own`],
  ];
  return reasons.flatMap(([holds, reason]) => (holds ? [reason] : []));
}

/** Names of secrets that neither the Worker has nor this folder. */
export function missingSecrets(
  worker: LiveWorker | null,
  given: readonly string[],
  hyperdrive: boolean,
): SecretName[] {
  const has = [...given, ...(worker?.secrets ?? [])];
  const needed: SecretName[] = [
    ...neededSecrets(has),
    ...(hyperdrive ? [] : ['DATABASE_URL' as const]),
  ];
  return needed.filter((name) => !has.includes(name));
}
