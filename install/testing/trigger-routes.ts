import * as z from 'zod/mini';
import { NO_WORKER, type Route, newId, newUuid, refused, result, workerOf } from './account.ts';

const ACCOUNT = '/accounts/:account';
const SCRIPT = `${ACCOUNT}/workers/scripts/:script`;

const Subdomain = z.strictObject({ enabled: z.boolean(), previews_enabled: z.boolean() });
const Origins = z.array(z.looseObject({ hostname: z.string() }));
const Records = z.looseObject({ origins: Origins, override_scope: z.optional(z.boolean()) });
const WorkflowBody = z.looseObject({ script_name: z.string(), class_name: z.string() });
const Consumer = z.looseObject({
  type: z.literal('worker'),
  script_name: z.string(),
  dead_letter_queue: z.optional(z.string()),
});
const AccountSubdomain = z.strictObject({ subdomain: z.string() });

/** What leads to a Worker: addresses, queues, Workflows. */
export const TRIGGER_ROUTES: readonly Route[] = [
  {
    method: 'GET',
    path: `${SCRIPT}/subdomain`,
    answer: (account, { named }) => {
      const worker = workerOf(account, named.script);
      if (worker === null) return NO_WORKER;
      return result({ enabled: worker.workersDev, previews_enabled: false });
    },
  },
  {
    method: 'POST',
    path: `${SCRIPT}/subdomain`,
    body: Subdomain,
    answer: (account, { named, body }) => {
      const worker = workerOf(account, named.script);
      if (worker === null) return NO_WORKER;
      const { enabled } = Subdomain.parse(body);
      worker.workersDev = enabled;
      return result({ enabled, previews_enabled: false });
    },
  },
  {
    method: 'GET',
    path: `${ACCOUNT}/workers/subdomain`,
    answer: ({ subdomain }) =>
      subdomain === null
        ? refused(404, 10007, 'You do not have a workers.dev subdomain.')
        : result({ subdomain }),
  },
  {
    method: 'PUT',
    path: `${ACCOUNT}/workers/subdomain`,
    body: AccountSubdomain,
    answer: (account, { body }) => {
      account.subdomain = AccountSubdomain.parse(body).subdomain;
      return result({ subdomain: account.subdomain });
    },
  },
  {
    method: 'GET',
    path: `${ACCOUNT}/workers/domains`,
    answer: ({ domains }) =>
      result([...domains].map(([hostname, service]) => ({ id: hostname, hostname, service }))),
  },
  {
    method: 'POST',
    path: `${SCRIPT}/domains/changeset`,
    body: Origins,
    answer: ({ domains }, { body }) => {
      const hosts = Origins.parse(body).map(({ hostname }) => hostname);
      const added = hosts.filter((hostname) => !domains.has(hostname));
      return result({
        added: added.map((hostname) => ({ hostname })),
        removed: [],
        updated: [],
        conflicting: [],
      });
    },
  },
  {
    method: 'PUT',
    path: `${SCRIPT}/domains/records`,
    body: Records,
    answer: ({ domains }, { named, body }) => {
      const { origins, override_scope } = Records.parse(body);
      for (const [hostname, script] of domains) {
        if (override_scope === true && script === named.script) domains.delete(hostname);
      }
      for (const { hostname } of origins) domains.set(hostname, named.script ?? '');
      return result(null);
    },
  },
  {
    method: 'GET',
    path: `${ACCOUNT}/workflows/:workflow`,
    answer: ({ workflows }, { named }) => {
      const script = workflows.get(named.workflow ?? '');
      if (script === undefined) return refused(404, 10200, 'workflow not found');
      return result({ name: named.workflow, script_name: script, class_name: 'TaskWorkflow' });
    },
  },
  {
    method: 'PUT',
    path: `${ACCOUNT}/workflows/:workflow`,
    body: WorkflowBody,
    answer: ({ workflows }, { named, body }) => {
      const { script_name, class_name } = WorkflowBody.parse(body);
      workflows.set(named.workflow ?? '', script_name);
      return result({ id: newUuid(), name: named.workflow, script_name, class_name });
    },
  },
  {
    method: 'DELETE',
    path: `${ACCOUNT}/workflows/:workflow`,
    answer: ({ workflows }, { named }) =>
      workflows.delete(named.workflow ?? '')
        ? result({ status: 'ok' })
        : refused(404, 10200, 'workflow not found'),
  },
  {
    method: 'POST',
    path: `${ACCOUNT}/queues/:queue/consumers`,
    body: Consumer,
    answer: ({ queues }, { named, body }) => {
      const queue = queues.get(named.queue ?? '');
      if (queue === undefined) return refused(404, 11000, 'queue not found');
      const { script_name, dead_letter_queue = null } = Consumer.parse(body);
      const id = newId();
      queue.consumers.push({ id, script: script_name, deadLetterQueue: dead_letter_queue });
      return result({ consumer_id: id });
    },
  },
  {
    method: 'PUT',
    path: `${ACCOUNT}/queues/:queue/consumers/:consumer`,
    body: Consumer,
    answer: ({ queues }, { named, body }) => {
      const consumer = queues
        .get(named.queue ?? '')
        ?.consumers.find(({ id }) => id === named.consumer);
      if (consumer === undefined) return refused(404, 11000, 'consumer not found');
      consumer.deadLetterQueue = Consumer.parse(body).dead_letter_queue ?? null;
      return result({ consumer_id: consumer.id });
    },
  },
];
