import { unlike } from '../cloudflare/hyperdrive.ts';
import { WEBHOOK_PATH } from '../names.ts';
import { type Finding, SETUP, type Seen, finding, notTried } from './finding.ts';

function hyperdriveFinding({ installation, found, secrets, names }: Seen): Finding {
  const { hyperdrive } = found;
  const what = 'Hyperdrive';
  if (!installation.hyperdrive) return { is: 'good', what };
  if (hyperdrive === null) {
    return finding(what, `There is no Hyperdrive configuration ${names.hyperdrive}.`, SETUP);
  }
  const url = secrets.DATABASE_URL;
  const caching = hyperdrive.caching?.disabled === true ? null : 'its caching is on';
  const why = url === undefined ? caching : unlike(hyperdrive, url, installation.hyperdriveSent);
  return finding(what, why && `Hyperdrive is not as it should be: ${why}.`, SETUP);
}

function accessFindings({ installation, found }: Seen): Finding[] {
  const { access } = found;
  const { host } = installation;
  if (access.is === 'unreadable') {
    return [notTried('Access', `It could not be looked at: ${access.why}.`)];
  }
  const { app, webhooks } = access;
  return [
    finding('Access', app === null && `No Access application is in front of ${host}.`, SETUP),
    finding(
      'Who may sign in',
      app?.isOpen === true && `A Bypass policy lets everyone through to ${host}.`,
      'Remove that policy at https://one.dash.cloudflare.com (Access controls > Applications).',
    ),
    finding(
      'Webhooks through Access',
      webhooks === null && `Access stops GitHub at ${host}${WEBHOOK_PATH}.`,
      SETUP,
    ),
  ];
}

/** What stands beside the Worker at Cloudflare. */
export function partFindings(seen: Seen): Finding[] {
  const { found, names, installation } = seen;
  const { queue, deadLetters, worker } = found;
  const consumer = queue?.consumers.find(({ script }) => script === names.worker);
  const deadConsumer = deadLetters?.consumers.some(({ script }) => script === names.worker);
  const leads = found.hostLeadsTo;
  return [
    hyperdriveFinding(seen),
    finding('Queue', queue === null && `There is no queue ${names.queue}.`, SETUP),
    finding(
      'Queue of dead letters',
      deadLetters === null &&
        `There is no queue ${names.deadLetters}: a task that cannot be begun would be lost in silence.`,
      SETUP,
    ),
    finding(
      'Consumers',
      worker !== null &&
        ((queue !== null && consumer === undefined && `Nobody takes from ${names.queue}.`) ||
          (queue !== null &&
            consumer?.deadLetters !== names.deadLetters &&
            `What cannot be taken from ${names.queue} does not go to ${names.deadLetters}.`) ||
          (deadLetters !== null && !deadConsumer && `Nobody takes from ${names.deadLetters}.`)),
      SETUP,
    ),
    finding('Bucket', !found.hasBucket && `There is no R2 bucket ${names.bucket}.`, SETUP),
    finding(
      'Workflow',
      worker !== null &&
        found.workflowOf !== names.worker &&
        `The Workflow ${names.workflow} is not the Worker’s.`,
      SETUP,
    ),
    finding(
      'Host name',
      worker !== null &&
        leads !== names.worker &&
        `${installation.host} leads to ${leads === null ? 'no Worker' : `the Worker ${leads}`}.`,
      leads === null ? SETUP : 'Run `npm run setup -- --take-over`, or choose another host name.',
    ),
    ...accessFindings(seen),
  ];
}
