import { ulid } from 'ulid';
import { expect, vi } from 'vitest';
import type { InboxItem } from '../../../protocol/inbox.ts';
import type { NewDevice } from '../../../protocol/push.ts';
import type { Push, Sent } from '../../push/send.ts';
import type { TaskReport } from '../../tasks/api.ts';
import type { ThreadClient } from './client.ts';
import { QUIET, summaryOf } from './facts.ts';
import { type OpenThread, openThread } from './open-thread.ts';

export const deviceOf = (
  applicationServerKey: string,
  changed: Partial<NewDevice> = {},
): NewDevice => {
  const id = changed.id ?? ulid();
  return {
    id,
    name: 'Chrome on Android',
    subscription: {
      endpoint: `https://push.example.com/${id}`,
      keys: { p256dh: 'B'.repeat(87), auth: 'a'.repeat(22) },
    },
    origin: 'https://mainloop.example.com',
    applicationServerKey,
    ...changed,
  };
};

export function failure(number = 1, task = summaryOf({ id: ulid(), status: 'Failed' })) {
  const { id: taskId, title, repository } = task;
  const item: InboxItem = {
    id: ulid(),
    taskId,
    title,
    repository,
    at: Date.now(),
    outcome: null,
    kind: 'failure',
    reason: 'The tests fail.',
  };
  return {
    ...QUIET,
    number,
    task,
    inbox: { is: 'open', item },
    notice: null,
  } satisfies TaskReport;
}

export const settle = (number: number, { task }: ReturnType<typeof failure>): TaskReport => ({
  ...QUIET,
  number,
  task,
  inbox: { is: 'settle', outcome: { by: 'github', text: 'Retried by @ana', at: Date.now() } },
  notice: null,
});

/** A person with devices, and everything that was sent to them. */
export async function told(
  answer: (push: Push) => Sent | Promise<Sent> = () => ({ is: 'accepted' }),
) {
  const sent: Push[] = [];
  const push = async (one: Push) => {
    sent.push(one);
    return answer(one);
  };
  const thread = await openThread({ push });
  const page = await thread.page();
  const { applicationServerKey } = await page.first('devices');
  const device = deviceOf(applicationServerKey);
  await command(page, { type: 'put_device', device });
  const of = (is: 'item' | 'settled' | 'test') =>
    sent.filter(({ message }) => message.notification.data.is === is);
  const until = (is: 'item' | 'settled' | 'test', count: number) =>
    vi.waitFor(() => expect(of(is)).toHaveLength(count), { timeout: 8_000 });
  return { thread, page, device, sent, of, until };
}

type Given = Parameters<ThreadClient['send']>[0];
type NoId<T> = T extends { id: string } ? Omit<T, 'id'> : never;

export async function command(page: ThreadClient, given: NoId<Given>) {
  const id = ulid();
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the same with its id
  page.send({ ...given, id } as Given);
  return page.until(
    () =>
      page.all('ack').find((frame) => frame.id === id) ??
      page.all('refused').find((frame) => frame.id === id) ??
      null,
    'an answer',
  );
}

export const newest = (page: ThreadClient) => page.all('devices').at(-1)?.devices ?? [];
export async function screen(thread: OpenThread, deviceId: string): Promise<ThreadClient> {
  const page = await thread.page();
  page.send({ type: 'screen', deviceId, isVisible: true });
  await page.first('away');
  return page;
}
