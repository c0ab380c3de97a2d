import * as z from 'zod/mini';
import { type Route, inPages, newId, refused, result } from './account.ts';

const Origin = z.strictObject({
  scheme: z.enum(['postgres', 'postgresql']),
  host: z.string(),
  port: z.int(),
  database: z.string(),
  user: z.string(),
  password: z.string(),
});
const Caching = z.strictObject({ disabled: z.boolean() });
const HyperdriveBody = z.strictObject({ name: z.string(), origin: Origin, caching: Caching });
const HyperdrivePatch = z.strictObject({
  origin: z.optional(Origin),
  caching: z.optional(Caching),
});
const QueueBody = z.strictObject({ queue_name: z.string() });
const BucketBody = z.strictObject({ name: z.string() });
const ACCOUNT = '/accounts/:account';
const NOT_FOUND = refused(404, 10007, 'not found');

const hyperdrive = (id: string, { name, origin, caching }: object & Record<string, unknown>) => ({
  id,
  name,
  origin,
  caching,
});

/** Accounts, zones, Hyperdrive, queues and buckets: what an installation makes itself. */
export const RESOURCE_ROUTES: readonly Route[] = [
  {
    method: 'GET',
    path: '/accounts',
    answer: ({ id }) => inPages([{ id, name: 'Acme' }]),
  },
  {
    method: 'GET',
    path: '/zones',
    answer: ({ id, zone }, { query }) =>
      inPages(query.get('name') === zone.name ? [{ ...zone, account: { id, name: 'Acme' } }] : []),
  },
  {
    method: 'GET',
    path: '/zones/:zone/dns_records',
    answer: ({ records, zone }, { named, query }) => {
      if (named.zone !== zone.id) return NOT_FOUND;
      const name = query.get('name') ?? '';
      return inPages(records.has(name) ? [{ id: newId(), name, type: 'CNAME' }] : []);
    },
  },
  {
    method: 'GET',
    path: `${ACCOUNT}/hyperdrive/configs`,
    answer: ({ hyperdrives }) => inPages([...hyperdrives].map(([id, one]) => hyperdrive(id, one))),
  },
  {
    method: 'POST',
    path: `${ACCOUNT}/hyperdrive/configs`,
    body: HyperdriveBody,
    answer: (account, { body }) => {
      const { hyperdrives } = account;
      const { name, origin, caching } = HyperdriveBody.parse(body);
      if ([...hyperdrives.values()].some((one) => one.name === name)) {
        return refused(409, 2017, 'A Hyperdrive config with the given name already exists.');
      }
      const id = newId();
      const { password, ...shown } = origin;
      account.passwords.set(name, password);
      hyperdrives.set(id, { name, origin: shown, caching });
      return result(hyperdrive(id, { name, origin: shown, caching }));
    },
  },
  {
    method: 'PATCH',
    path: `${ACCOUNT}/hyperdrive/configs/:id`,
    body: HyperdrivePatch,
    answer: ({ hyperdrives, passwords }, { named, body }) => {
      const one = hyperdrives.get(named.id ?? '');
      if (one === undefined) return NOT_FOUND;
      const { origin, caching } = HyperdrivePatch.parse(body);
      if (origin !== undefined) {
        const { password, ...shown } = origin;
        passwords.set(one.name, password);
        one.origin = shown;
      }
      if (caching !== undefined) one.caching = caching;
      return result(hyperdrive(named.id ?? '', one));
    },
  },
  {
    method: 'DELETE',
    path: `${ACCOUNT}/hyperdrive/configs/:id`,
    answer: ({ hyperdrives }, { named }) =>
      hyperdrives.delete(named.id ?? '') ? result(null) : NOT_FOUND,
  },
  {
    method: 'GET',
    path: `${ACCOUNT}/queues`,
    answer: ({ queues }, { query }) =>
      inPages(
        [...queues]
          .filter(([, { name }]) => query.get('name') === null || query.get('name') === name)
          .map(([id, { name, consumers }]) => ({
            queue_id: id,
            queue_name: name,
            producers: [],
            producers_total_count: 0,
            consumers: consumers.map((consumer) => ({
              consumer_id: consumer.id,
              type: 'worker',
              script: consumer.script,
              dead_letter_queue: consumer.deadLetterQueue ?? '',
              settings: {},
            })),
            consumers_total_count: consumers.length,
          })),
      ),
  },
  {
    method: 'POST',
    path: `${ACCOUNT}/queues`,
    body: QueueBody,
    answer: ({ queues }, { body }) => {
      const name = QueueBody.parse(body).queue_name;
      if ([...queues.values()].some((one) => one.name === name)) {
        return refused(409, 11009, `Queue name '${name}' is already taken.`);
      }
      const id = newId();
      queues.set(id, { name, consumers: [] });
      return result({ queue_id: id, queue_name: name });
    },
  },
  {
    method: 'DELETE',
    path: `${ACCOUNT}/queues/:id`,
    answer: ({ queues }, { named }) => (queues.delete(named.id ?? '') ? result(null) : NOT_FOUND),
  },
  {
    method: 'GET',
    path: `${ACCOUNT}/r2/buckets`,
    answer: ({ buckets }) => result({ buckets: [...buckets].map((name) => ({ name })) }),
  },
  {
    method: 'GET',
    path: `${ACCOUNT}/r2/buckets/:name`,
    answer: ({ buckets }, { named }) =>
      buckets.has(named.name ?? '')
        ? result({ name: named.name })
        : refused(404, 10006, 'The specified bucket does not exist.'),
  },
  {
    method: 'POST',
    path: `${ACCOUNT}/r2/buckets`,
    body: BucketBody,
    answer: ({ buckets }, { body }) => {
      const { name } = BucketBody.parse(body);
      if (buckets.has(name))
        return refused(409, 10004, 'The bucket you tried to create already exists.');
      buckets.add(name);
      return result({ name });
    },
  },
  {
    method: 'DELETE',
    path: `${ACCOUNT}/r2/buckets/:name`,
    answer: ({ buckets }, { named }) =>
      buckets.delete(named.name ?? '') ? result(null) : NOT_FOUND,
  },
];
