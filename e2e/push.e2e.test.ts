import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { DESK, PHONE, type Visitor, go, launchWholeBrowser, visit } from './harness/browser.ts';
import { type Client, connect } from './harness/client.ts';
import { untilAsked } from './harness/inbox.ts';
import { type Notifications, notificationsOf } from './harness/notifications.ts';
import {
  type PushDevice,
  type PushService,
  type Received,
  startPushService,
  subscribesAt,
} from './harness/push-service.ts';
import { type TestStack, startTestStack } from './harness/stack.ts';
import { untilTasks } from './harness/task-watch.ts';

const DONE_MS = 120_000;
const SOON = { timeout: 30_000, interval: 50 };

type Told = { visitor: Visitor; device: PushDevice; notifications: Notifications };

describe('a person who is somewhere else', () => {
  let stack: TestStack;
  let service: PushService;
  const browsers: Browser[] = [];
  let client: Client;
  let phone: Told;
  let desk: Told;

  async function tellDevice(size: typeof PHONE): Promise<Told> {
    // A browser each: two contexts of one take each other's notifications away.
    const browser = await launchWholeBrowser();
    browsers.push(browser);
    const visitor = await visit(browser, 'about:blank', size);
    const device = service.device();
    await subscribesAt(visitor.context, device);
    const { page } = visitor;
    await page.goto(stack.url);
    await page.evaluate('navigator.serviceWorker.ready.then(() => true)');
    const notifications = await notificationsOf(page);
    await go(page, 'Settings');
    await page.getByRole('link', { name: /^Notifications/ }).click();
    await page.getByRole('button', { name: 'Notify this device' }).click();
    await page.getByRole('list', { name: 'Devices' }).getByText('this device').waitFor();
    return { visitor, device, notifications };
  }

  /** The push at this place among those of this kind, once it has come. */
  function came({ device }: Told, is: string, place = 0): Promise<Received> {
    return vi.waitFor(() => {
      const all = device.received.filter(({ message }) => message.notification.data.is === is);
      const one = all[place];
      if (one === undefined) throw new Error(`${all.length} of ${is} came.`);
      return one;
    }, SOON);
  }

  beforeAll(async () => {
    service = await startPushService();
    stack = await startTestStack({ settings: { PUSH_MIRRORS: service.mirrors } });
    phone = await tellDevice(PHONE);
    desk = await tellDevice(DESK);
    client = await connect(stack.url);
  }, DONE_MS);

  afterAll(async () => {
    client?.close();
    for (const browser of browsers) await browser.close();
    await stack?.stop();
    await service?.stop();
  });

  it('sees that a test has arrived, on the device and in the settings', async () => {
    const { page } = phone.visitor;
    const row = page.getByRole('list', { name: 'Devices' }).getByRole('listitem').first();
    await row.getByRole('button', { name: /^Send a test/ }).click();
    const test = await came(phone, 'test');
    expect(test).toMatchObject({ ttl: 86_400, urgency: 'high' });
    await row.getByText('The test is on its way').waitFor();
    await phone.notifications.deliver(test);
    await row.getByText('The test arrived').waitFor();
    expect((await phone.notifications.shown()).map(({ body }) => body)).toEqual([
      'Notifications reach this device.',
    ]);
  });

  it(
    'is asked on every device, decides with one tap, and is asked no more on any',
    async () => {
      // Away from both screens.
      for (const { visitor } of [phone, desk]) await visitor.page.goto('about:blank');
      client.send({ type: 'send', text: 'Add an export command' });
      const question = await untilAsked(client, 'question', DONE_MS);
      await phone.notifications.deliver(await came(phone, 'item'));
      await vi.waitFor(
        async () =>
          expect(await phone.notifications.shown()).toContainEqual({
            title: 'acme/todo · Add an export command',
            body: expect.stringMatching(/^Asks 2 questions, first: /),
            tag: question.taskId,
            actions: [],
          }),
        SOON,
      );
      const { questions, questionId, taskId } = question;
      client.ask(taskId, {
        do: 'answer',
        questionId,
        answers: questions.map(({ options }) => ({
          chosen: options.slice(0, 1).map(({ label }) => label),
          other: '',
        })),
      });

      await untilAsked(client, 'plan', DONE_MS);
      const plan = await came(phone, 'item', 1);
      // The plan takes the question's place at the push service and on the screen.
      expect(plan.topic).toBe(taskId);
      await phone.notifications.deliver(plan);
      await desk.notifications.deliver(await came(desk, 'item', 1));
      const ofTask = async ({ notifications }: Told) =>
        (await notifications.shown()).filter(({ tag }) => tag === taskId);
      await vi.waitFor(async () => {
        expect((await ofTask(phone)).map(({ actions }) => actions)).toEqual([
          [{ action: 'approve', title: 'Approve as planned' }],
        ]);
        expect(await ofTask(desk)).toHaveLength(1);
      }, SOON);

      await phone.notifications.tap(taskId, 'approve');
      await untilTasks(client, ([task]) => task?.status === 'Working', DONE_MS);
      expect(await ofTask(phone)).toEqual([]);
      const taken = await vi.waitFor(() => {
        const last = desk.device.received.findLast(
          ({ message }) => message.notification.data.is === 'settled',
        );
        if (last?.message.notification.body !== 'Approved') throw new Error('Not settled yet.');
        return last;
      }, SOON);
      await desk.notifications.deliver(taken);
      await vi.waitFor(async () => expect(await ofTask(desk)).toEqual([]), SOON);
      client.ask(taskId, { do: 'cancel', close: false });
    },
    3 * DONE_MS,
  );

  it(
    'opens exactly that card, and is not told of what is on the screen',
    async () => {
      const { page } = phone.visitor;
      await page.goto(stack.url);
      await page.getByRole('status').filter({ hasText: 'Online' }).waitFor({ state: 'attached' });
      const before = phone.device.received.length;
      client.send({ type: 'send', text: 'Add an export command' });
      const question = await untilAsked(client, 'question', DONE_MS);
      const push = await came(desk, 'item', 2);
      expect(phone.device.received.length).toBe(before);
      expect(push.message.notification.navigate).toBe(`${stack.url}/inbox/${question.id}`);
    },
    DONE_MS,
  );

  it('is forgotten by a device that its push service knows no more', async () => {
    desk.device.status = 410;
    const { page } = phone.visitor;
    await go(page, 'Settings');
    await page.getByRole('link', { name: /^Notifications/ }).click();
    const devices = page.getByRole('list', { name: 'Devices' }).getByRole('listitem');
    await devices
      .nth(1)
      .getByRole('button', { name: /^Send a test/ })
      .click();
    await vi.waitFor(async () => expect(await devices.count()).toBe(1), SOON);
  });

  it('leaves no complaint', () => {
    expect(service.wrong).toEqual([]);
    for (const { visitor } of [phone, desk]) expect(visitor.complaints).toEqual([]);
  });
});
