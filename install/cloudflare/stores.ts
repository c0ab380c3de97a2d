import * as z from 'zod/mini';
import { type Client, Nothing, must, orNone } from './client.ts';

const Queue = z.object({
  queue_id: z.string(),
  queue_name: z.string(),
  consumers: z.optional(
    z.array(
      z.object({
        script: z.optional(z.string()),
        script_name: z.optional(z.string()),
        dead_letter_queue: z.optional(z.string()),
      }),
    ),
  ),
});

export type Queue = {
  id: string;
  name: string;
  /** The Workers that take from it, and where what they cannot take goes. */
  consumers: { script: string; deadLetters: string | null }[];
};

/** Null where there is no queue of that name. */
export async function queueOf(
  client: Client,
  accountId: string,
  name: string,
): Promise<Queue | null> {
  const path = `/accounts/${accountId}/queues?name=${encodeURIComponent(name)}`;
  const found = must(await client.list(path, Queue), 'list the queues');
  const queue = found.find((one) => one.queue_name === name);
  if (queue === undefined) return null;
  return {
    id: queue.queue_id,
    name,
    consumers: (queue.consumers ?? []).map(({ script, script_name, dead_letter_queue }) => ({
      script: script ?? script_name ?? '',
      deadLetters: dead_letter_queue || null,
    })),
  };
}

export async function makeQueue(client: Client, accountId: string, name: string) {
  const path = `/accounts/${accountId}/queues`;
  must(await client.send('POST', path, { queue_name: name }, Nothing), `make the queue ${name}`);
}

export async function removeQueue(client: Client, accountId: string, { id, name }: Queue) {
  const path = `/accounts/${accountId}/queues/${id}`;
  must(await client.send('DELETE', path, undefined, Nothing), `remove the queue ${name}`);
}

export async function hasBucket(client: Client, accountId: string, name: string) {
  const read = await client.get(`/accounts/${accountId}/r2/buckets/${name}`, Nothing);
  return orNone(read, `look for the R2 bucket ${name}`) !== null;
}

export async function makeBucket(client: Client, accountId: string, name: string) {
  const path = `/accounts/${accountId}/r2/buckets`;
  must(await client.send('POST', path, { name }, Nothing), `make the R2 bucket ${name}`);
}

/** @returns false where it holds something yet: R2 removes empty buckets only. */
export async function removeBucket(client: Client, accountId: string, name: string) {
  const path = `/accounts/${accountId}/r2/buckets/${name}`;
  const removed = await client.send('DELETE', path, undefined, Nothing);
  if (removed.is === 'refused' && removed.status === 409) return false;
  must(removed, `remove the R2 bucket ${name}`);
  return true;
}
