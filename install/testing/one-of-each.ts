import { expect } from 'vitest';
import { HOST, type World } from './world.ts';

/** One of each part, and nothing beside. */
export function expectOneOfEach({ account, standIn }: World): void {
  expect([...account.hyperdrives.values()]).toEqual([
    {
      name: 'mainloop',
      origin: {
        scheme: 'postgres',
        host: 'db.example.net',
        port: 5432,
        database: 'history',
        user: 'mainloop',
      },
      caching: { disabled: true },
    },
  ]);
  const consumers = (name: string) =>
    [...account.queues.values()].find((queue) => queue.name === name)?.consumers;
  expect(account.queues.size).toBe(2);
  expect(consumers('mainloop-dispatch')).toMatchObject([
    { script: 'mainloop', deadLetterQueue: 'mainloop-dispatch-dead' },
  ]);
  expect(consumers('mainloop-dispatch-dead')).toMatchObject([{ script: 'mainloop' }]);
  expect([...account.buckets]).toEqual(['mainloop-checkpoints']);
  expect([...account.accessApps.values()]).toMatchObject([
    {
      domain: HOST,
      policies: [
        {
          decision: 'allow',
          include: [
            { email: { email: 'you@example.com' } },
            { email: { email: 'ada@example.com' } },
          ],
        },
      ],
    },
    { domain: `${HOST}/webhooks/github`, policies: [{ decision: 'bypass' }] },
  ]);
  expect([...account.domains]).toEqual([[HOST, 'mainloop']]);
  expect([...account.workflows]).toEqual([['mainloop-task', 'mainloop']]);
  expect(account.applications.size).toBe(1);
  expect(account.subdomain).toBe('mainloop-example-com');
  expect(account.worker).toMatchObject({ name: 'mainloop', workersDev: false });
  expect([...(account.worker?.secrets.keys() ?? [])].toSorted()).toEqual([
    'ANTHROPIC_API_KEY',
    'ENCRYPTION_KEYS',
    'GITHUB_TOKEN',
    'GITHUB_WEBHOOK_SECRET',
  ]);
  expect(standIn.wrong).toEqual([]);
}
